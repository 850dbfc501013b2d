import Netlink

/// Counters of a link since it was made: IFLA_STATS64, `struct rtnl_link_stats64`. Of a TAP, what a guest sends is
/// received.
public struct LinkStatistics: Hashable, Sendable {
  public var receivedPackets: UInt64
  public var transmittedPackets: UInt64
  public var receivedBytes: UInt64
  public var transmittedBytes: UInt64
  public var receiveErrors: UInt64
  public var transmitErrors: UInt64
  /// Received, but not processed.
  public var receiveDropped: UInt64
  /// Not sent: for a TAP, mostly because the guest did not read in time.
  public var transmitDropped: UInt64
  /// Received packets to multicast addresses.
  public var receivedMulticast: UInt64

  /// The struct has grown at its end, and may again.
  init(decoding span: RawSpan) throws(DecodingFailure) {
    receivedPackets = try span.integer(at: 0)
    transmittedPackets = try span.integer(at: 8)
    receivedBytes = try span.integer(at: 16)
    transmittedBytes = try span.integer(at: 24)
    receiveErrors = try span.integer(at: 32)
    transmitErrors = try span.integer(at: 40)
    receiveDropped = try span.integer(at: 48)
    transmitDropped = try span.integer(at: 56)
    receivedMulticast = try span.integer(at: 64)
  }
}
