extension TapestryError {
  /// What an error says: words, and remedies between them. Who prints it chooses how remedies are called.
  package struct Message: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
      case words(String)
      case remedy(Remedy)
    }

    private var parts: [Part] = []

    /// Equal texts are equal values, however they were put together.
    private mutating func append(_ part: Part) {
      guard case .words(let words) = part, case .words(let before) = parts.last else { return parts.append(part) }
      parts[parts.count - 1] = .words(before + words)
    }

    /// The remedies, in the order in which they are said.
    var remedies: [Remedy] {
      parts.compactMap { part in
        guard case .remedy(let remedy) = part else { return nil }
        return remedy
      }
    }

    /// The text for humans.
    func text(calling name: (Remedy) -> String) -> String {
      parts.map { part in
        switch part {
        case .words(let words): words
        case .remedy(let remedy): name(remedy)
        }
      }.joined()
    }
  }
}

extension TapestryError.Message: ExpressibleByStringInterpolation {
  package init(stringLiteral words: String) { parts = [.words(words)] }

  package init(stringInterpolation text: StringInterpolation) { self = text.message }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var message = TapestryError.Message()

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ words: String) { message.append(.words(words)) }

    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      message.append(.words(value.description))
    }

    package mutating func appendInterpolation(_ remedy: TapestryError.Remedy) { message.append(.remedy(remedy)) }

    package mutating func appendInterpolation(_ other: TapestryError.Message) {
      other.parts.forEach { message.append($0) }
    }

    package mutating func appendInterpolation(_ others: [TapestryError.Message], separator: String) {
      for (place, other) in others.enumerated() {
        if place > 0 { appendLiteral(separator) }
        appendInterpolation(other)
      }
    }
  }
}

extension TapestryError.Message: CustomStringConvertible {
  /// The text for users of the library.
  package var description: String { text(calling: \.description) }
}
