/// How many connections an attachment may have at a time, of any protocol, in IPv4 and IPv6 together.
public enum MaximumConnections: Hashable, Sendable {
  case unlimited
  case atMost(UInt32)

  /// Of an attachment that says nothing: low enough that no guest alone uses up the ports of the host towards one server,
  /// 32,768, or the least room that the kernel has for connections, 65,536; closed ones included, which are remembered for
  /// a while.
  public static let standard: UInt32 = 4096

  /// Whether the ruleset has a chain for it beside the one that it always has.
  var hasChain: Bool {
    switch self {
    case .unlimited: false
    case .atMost(let limit): limit != Self.standard
    }
  }

  public static let limits: ClosedRange<UInt32> = 1...16_777_216

  /// - Throws: `INVALID_LIMIT`.
  func validate() throws(TapestryError) {
    guard case .atMost(let limit) = self, !Self.limits.contains(limit) else { return }
    throw Self.invalid("\(limit)")
  }

  /// Reads a number, or `none`.
  /// - Throws: `INVALID_LIMIT`.
  public static func parse(_ text: String) throws(TapestryError) -> MaximumConnections {
    guard let value = MaximumConnections(text: text) else { throw invalid(text) }
    try value.validate()
    return value
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

  /// nil for other text.
  private init?(text: String) {
    if text == "none" {
      self = .unlimited
    } else if let limit = UInt32(text), "\(limit)" == text {
      self = .atMost(limit)
    } else {
      return nil
    }
  }
}

/// A number, or `"none"`.
extension MaximumConnections: Codable {
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

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .unlimited: try container.encode("none")
    case .atMost(let limit): try container.encode(limit)
    }
  }
}
