import Netlink

/// The counters of a link since its creation: IFLA_STATS64, `struct rtnl_link_stats64`. For a TAP, packets from the guest
/// count as received.
public struct LinkStatistics: Hashable, Sendable {
  /// rx_packets.
  public var receivedPackets: UInt64
  /// tx_packets.
  public var transmittedPackets: UInt64
  /// rx_bytes.
  public var receivedBytes: UInt64
  /// tx_bytes.
  public var transmittedBytes: UInt64
  /// rx_errors.
  public var receiveErrors: UInt64
  /// tx_errors.
  public var transmitErrors: UInt64
  /// rx_dropped: received but not processed.
  public var receiveDropped: UInt64
  /// tx_dropped: not sent. For a TAP, mostly because the guest did not read in time.
  public var transmitDropped: UInt64
  /// multicast: received packets to multicast addresses.
  public var receivedMulticast: UInt64

  /// Decodes the beginning of the struct. The kernel has added members at its end, and may again.
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
