import CLinux
import Netlink

/// Matches at a limited rate: a token bucket. NFTA_LIMIT_.
public struct Limit: Hashable, Sendable {
  /// The unit of the rate and the burst: `enum nft_limit_type`.
  public enum Unit: UInt32, Hashable, Sendable {
    /// NFT_LIMIT_PKTS.
    case packets = 0
    /// NFT_LIMIT_PKT_BYTES.
    case bytes
  }

  /// The number of packets or bytes per period.
  public var rate: UInt64
  /// The period in seconds.
  public var seconds: UInt64
  /// The number of packets or bytes that may arrive at once. For packets, 0 is the kernel's default, 5. For bytes, it is in
  /// addition to the bytes of a whole period (nft_limit_init in net/netfilter/nft_limit.c).
  public var burst: UInt32
  /// The unit of the rate and the burst.
  public var unit: Unit
  /// Matches if the rate is exceeded: `over` in nft.
  public var isInverted: Bool

  /// NFT_LIMIT_PKT_BURST_DEFAULT.
  private static let defaultPacketBurst: UInt32 = 5

  /// A rate limit.
  public init(
    rate: UInt64, perSeconds seconds: UInt64 = 1, burst: UInt32, unit: Unit = .packets, isInverted: Bool = false
  ) {
    self.rate = rate
    self.seconds = seconds
    self.burst = burst == 0 && unit == .packets ? Self.defaultPacketBurst : burst
    self.unit = unit
    self.isInverted = isInverted
  }
}

extension Limit: ExpressionBody {
  static let name = "limit"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_LIMIT_RATE, long: rate)
    buffer.put(NFTA_LIMIT_UNIT, long: seconds)
    if burst != 0 { buffer.put(NFTA_LIMIT_BURST, burst) }
    buffer.put(NFTA_LIMIT_TYPE, unit.rawValue)
    buffer.put(NFTA_LIMIT_FLAGS, isInverted ? NFT_LIMIT_F_INV.rawValue : 0)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    rate = try required(fields.integer(NFTA_LIMIT_RATE), "a rate")
    seconds = try required(fields.integer(NFTA_LIMIT_UNIT), "a period")
    burst = try fields.integer(NFTA_LIMIT_BURST) ?? 0
    unit = try fields.choice(NFTA_LIMIT_TYPE)
    isInverted = try fields.flag(NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV.rawValue)
    _ = fields.bytes(NFTA_LIMIT_PAD)
  }
}
