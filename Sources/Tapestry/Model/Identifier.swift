import NetTypes

/// The id of a VM, of one of its interfaces, or of a network: 1 to 64 of the letters, digits, `.`, `_`, `-`, `:`.
///
/// These characters need no escaping in a link's alias (IFLA_IFALIAS), a file name, a shell and a boot argument.
public struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The id as text.
  public let rawValue: String

  /// Returns nil if the text is not a valid id.
  init?(text: String) {
    guard Self.isValid(text) else { return nil }
    rawValue = text
  }

  /// Creates an id from text. There is no other way, not even for a literal: a wrong one would have to stop the program.
  /// - Parameter field: what the text identifies, for the error message: `VM id`.
  /// - Throws: `INVALID_NAME`.
  public init(parsing text: String, field: String = "id") throws(TapestryError) {
    guard Self.isValid(text) else {
      throw TapestryError(
        .invalidName,
        "Invalid \(field) '\(text)': expected 1 to 64 letters, digits, '.', '_', '-' or ':'")
    }
    rawValue = text
  }

  /// Creates an id from a literal in the source, without validation.
  package init(known text: String) { rawValue = text }

  private static func isValid(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { ASCIIText.isAlphanumeric($0) || "._-:".utf8.contains($0) }
  }

  /// The id as text.
  public var description: String { rawValue }

  /// By their text. Upper-case letters come before lower-case ones.
  public static func < (one: Identifier, other: Identifier) -> Bool { one.rawValue < other.rawValue }
}

extension Identifier {
  /// The network that exists without being created.
  public static let `default` = Identifier(known: "default")
  /// The interface of a VM if nothing names another.
  public static let eth0 = Identifier(known: "eth0")
}

/// A string.
extension Identifier: Codable {
  /// Decodes a string.
  /// - Throws: `INVALID_NAME`.
  public init(from decoder: any Decoder) throws { try self.init(parsing: try String(from: decoder)) }

  /// Encodes a string.
  public func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }
}
