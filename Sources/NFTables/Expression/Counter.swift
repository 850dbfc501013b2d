import CLinux
import Netlink

/// Counts the packets that reach it. NFTA_COUNTER_.
public struct Counter: Hashable, Sendable {
  /// The number of packets.
  public var packets: UInt64 = 0
  /// The number of bytes.
  public var bytes: UInt64 = 0
}

extension Counter: ExpressionBody {
  static let name = "counter"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_COUNTER_BYTES, long: bytes)
    buffer.put(NFTA_COUNTER_PACKETS, long: packets)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    bytes = try fields.integer(NFTA_COUNTER_BYTES) ?? 0
    packets = try fields.integer(NFTA_COUNTER_PACKETS) ?? 0
    _ = fields.bytes(NFTA_COUNTER_PAD)
  }
}
