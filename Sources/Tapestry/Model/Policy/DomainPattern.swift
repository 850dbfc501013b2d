/// The names of which a guest may reach what they resolve to: one name, `example.org`, or all below one, `*.example.org`,
/// which that one itself is not.
public struct DomainPattern: Hashable, Sendable {
  /// The name, or the one above: in lower case, without the dot at its end.
  public let name: String
  /// Whether the names below are meant, of any number of labels more.
  public let isWildcard: Bool

  /// Whether the names that `other` stands for are all below this one's.
  func covers(below other: String) -> Bool { isWildcard && other.hasSuffix(".\(name)") }
}

extension DomainPattern: CustomStringConvertible {
  public var description: String { (isWildcard ? "*." : "") + name }

  /// Of a name's 253 characters (RFC 1035, 2.3.4), as many as leave room in the name of a set of nf_tables.
  static let mostCharacters = 200

  /// - Throws: `INVALID_POLICY`, with what is wrong with it.
  public init(validating text: String) throws(TapestryError) {
    var name = text.lowercased()[...]
    let isWildcard = name.hasPrefix("*.")
    if isWildcard { name = name.dropFirst(2) }
    if name.hasSuffix(".") { name = name.dropLast() }
    if let problem = Self.problem(name) {
      throw TapestryError(
        .invalidPolicy,
        "Invalid domain '\(text)': \(problem). Expected example.org, or *.example.org for the names below.")
    }
    self.init(name: String(name), isWildcard: isWildcard)
  }

  private static func problem(_ name: Substring) -> String? {
    if name.isEmpty { return "there is no name" }
    // Which 'policy set' takes for an empty list.
    if name == "none" { return "that is no name" }
    if name.utf8.count > mostCharacters { return "it is longer than \(mostCharacters) characters" }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    for label in labels {
      if !(1...63).contains(label.utf8.count) { return "a label has 1 to 63 characters" }
      if label.utf8.contains(where: { $0 >= 0x80 }) { return "write it in ASCII (xn--…, RFC 5890)" }
      guard label.utf8.allSatisfy(isOfLabel), !label.hasPrefix("-"), !label.hasSuffix("-") else {
        return "a label has letters, digits, '_' and inner hyphens"
      }
    }
    // No top-level domain is a number (RFC 3696, 2).
    if labels.last?.utf8.allSatisfy({ isDigit($0) }) == true { return "an address is what --allow takes" }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isOfLabel(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }
}

extension DomainPattern: Comparable {
  public static func < (one: Self, other: Self) -> Bool {
    (one.name, one.isWildcard ? 1 : 0) < (other.name, other.isWildcard ? 1 : 0)
  }
}
