/// The name of a network interface: 1–15 bytes (IFNAMSIZ less the terminating zero), a letter or digit first, then
/// letters, digits, `_`, `.`, `:` and `-`, all of them ASCII.
///
/// The kernel's own rule (`dev_valid_name` in net/core/dev.c) is another: any bytes but `/`, `:` and white space, though
/// not `.` or `..`. So a name read from the kernel need not be an `InterfaceName`, and it gives EINVAL for one with `:`.
public struct InterfaceName: Hashable, Sendable {
  /// The name as it was given.
  public let rawValue: String

  /// The interface name `name`.
  /// - Parameter field: What the name is for, to begin the message of the error with: `bridgeName`.
  /// - Throws: `InterfaceNameError` for any other text.
  public init(parsing name: String, field: String = "interface name") throws(InterfaceNameError) {
    guard Self.isValid(name.utf8Span.span) else { throw InterfaceNameError(name: name, field: field) }
    rawValue = name
  }

  private static func isValid(_ text: Span<UInt8>) -> Bool {
    guard 1...15 ~= text.count, ASCIIText.isAlphanumeric(text[0]) else { return false }
    for index in text.indices where !ASCIIText.isAlphanumeric(text[index]) {
      guard "_.:-".utf8.contains(text[index]) else { return false }
    }
    return true
  }
}

// MARK: - Text

extension InterfaceName: CustomStringConvertible {
  /// The name as it was given.
  public var description: String { rawValue }
}

extension InterfaceName: Comparable {
  /// The order of the names' bytes.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension InterfaceName: Codable {
  /// Decodes the name from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString { name throws(InterfaceNameError) in try Self(parsing: name) }
  }

  /// Encodes the name as a single string.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
