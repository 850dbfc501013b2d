import CLinux
import Netlink

/// Counts the packets that reach it. NFTA_COUNTER_.
public struct Counter: Hashable, Sendable {
  /// The number of packets.
  public var packets: UInt64
  /// The number of bytes.
  public var bytes: UInt64

  /// A counter with these initial values.
  public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }
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
