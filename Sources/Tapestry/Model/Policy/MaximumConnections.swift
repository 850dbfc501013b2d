/// The maximum number of concurrent connections of an attachment, of any protocol, IPv4 and IPv6 together.
public enum MaximumConnections: Hashable, Sendable {
  /// No limit.
  case unlimited
  /// At most this many connections at a time.
  case atMost(UInt32)

  /// The default. It is low enough that no single guest exhausts the host's 32,768 ports towards one server, or the
  /// kernel's smallest connection table, 65,536 entries. The count includes closed connections, whose conntrack entries
  /// remain for a while.
  public static let standard: UInt32 = 4096

  /// Whether the ruleset needs a separate chain for this limit. It always has one for the default.
  var hasChain: Bool { self != .unlimited && self != .atMost(Self.standard) }

  /// The numbers that a limit may have.
  public static let limits: ClosedRange<UInt32> = 1...16_777_216

  /// - Throws: `INVALID_LIMIT`.
  func validate() throws(TapestryError) {
    guard case .atMost(let limit) = self, !Self.limits.contains(limit) else { return }
    throw Self.invalid("\(limit)")
  }

  /// Parses a number, or `none`.
  /// - Throws: `INVALID_LIMIT`.
  public init(parsing text: String) throws(TapestryError) {
    let limit = UInt32(decimal: text)
    guard limit != nil || text == "none" else { throw Self.invalid(text) }
    self = limit.map(Self.atMost) ?? .unlimited
    try validate()
  }

  private static func invalid(_ text: String) -> TapestryError {
    TapestryError(
      .invalidLimit,
      "Invalid number of connections '\(text)': expected \(limits.lowerBound) to \(limits.upperBound), or none for no limit"
    )
  }
}

extension MaximumConnections: CustomStringConvertible {
  /// `4096`, or `none`.
  public var description: String {
    switch self {
    case .unlimited: "none"
    case .atMost(let limit): "\(limit)"
    }
  }
}

/// A number, or `"none"`.
extension MaximumConnections: Codable {
  /// Decodes a number, or `"none"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let limit = try? container.decode(UInt32.self) {
      self = .atMost(limit)
    } else if try container.decode(String.self) == "none" {
      self = .unlimited
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a number or 'none'")
    }
  }

  /// Encodes a number, or `"none"`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .unlimited: try "none".encode(to: encoder)
    case .atMost(let limit): try limit.encode(to: encoder)
    }
  }
}
