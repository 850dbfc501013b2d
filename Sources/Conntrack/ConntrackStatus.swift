import CLinux

/// IPS_ flags of a tracked connection: linux/netfilter/nf_conntrack_common.h.
public struct ConntrackStatus: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ status: ip_conntrack_status) { rawValue = status.rawValue }

  /// Another connection announced it, as FTP's control connection does its data connections.
  public static let expected = ConntrackStatus(IPS_EXPECTED)
  /// Packets were seen in both directions.
  public static let seenReply = ConntrackStatus(IPS_SEEN_REPLY)
  /// It is not dropped early when the table is full.
  public static let assured = ConntrackStatus(IPS_ASSURED)
  /// Its first packet has left the host: it is in the table.
  public static let confirmed = ConntrackStatus(IPS_CONFIRMED)
  /// The source of its original direction is translated: masquerading.
  public static let sourceNAT = ConntrackStatus(IPS_SRC_NAT)
  /// The destination of its original direction is translated: a published port.
  public static let destinationNAT = ConntrackStatus(IPS_DST_NAT)
  /// It is being removed.
  public static let dying = ConntrackStatus(IPS_DYING)
  /// A flowtable forwards its packets, so that they pass no rules, and it has no timeout of its own.
  public static let offloaded = ConntrackStatus(IPS_OFFLOAD)
}
