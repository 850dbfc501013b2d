import CLinux

/// The IPS_ flags of a conntrack entry: linux/netfilter/nf_conntrack_common.h.
public struct ConntrackStatus: OptionSet, Hashable, Sendable {
  /// The bits of CTA_STATUS, in host byte order.
  public var rawValue: UInt32

  /// Flags from CTA_STATUS, in host byte order.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ status: ip_conntrack_status) { rawValue = status.rawValue }

  /// IPS_EXPECTED: another connection announced this one, as FTP's control connection does for data connections.
  public static let expected = ConntrackStatus(IPS_EXPECTED)
  /// IPS_SEEN_REPLY: packets were seen in both directions.
  public static let seenReply = ConntrackStatus(IPS_SEEN_REPLY)
  /// IPS_ASSURED: the entry is not dropped early when the table is full.
  public static let assured = ConntrackStatus(IPS_ASSURED)
  /// IPS_CONFIRMED: the first packet has left the host, and the entry is in the table.
  public static let confirmed = ConntrackStatus(IPS_CONFIRMED)
  /// IPS_SRC_NAT: the source of the original direction is translated, as masquerading does.
  public static let sourceNAT = ConntrackStatus(IPS_SRC_NAT)
  /// IPS_DST_NAT: the destination of the original direction is translated, as for a published port.
  public static let destinationNAT = ConntrackStatus(IPS_DST_NAT)
  /// IPS_DYING: the entry is being removed.
  public static let dying = ConntrackStatus(IPS_DYING)
  /// IPS_OFFLOAD: a flowtable forwards the packets. They bypass the rules, and the entry has no timeout of its own.
  public static let offloaded = ConntrackStatus(IPS_OFFLOAD)
}
