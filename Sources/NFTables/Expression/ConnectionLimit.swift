import CLinux
import Netlink

/// Counts tracked connections, and matches while there are at most `count`: `ct count` in nft. NFTA_CONNLIMIT_.
///
/// A connection counts from its first packet until its conntrack entry is gone, or, with TCP, until it is closed. Only the
/// first packet of a connection should reach this expression (net/netfilter/nf_conncount.c: a connection that is counted
/// twice is not recognised as the same).
public struct ConnectionLimit: Hashable, Sendable {
  /// The maximum number of connections.
  public var count: UInt32
  /// Matches if there are more connections than `count`: `over` in nft.
  public var isInverted: Bool

  /// A limit on connections.
  public init(count: UInt32, isInverted: Bool = false) {
    self.count = count
    self.isInverted = isInverted
  }
}

extension ConnectionLimit: ExpressionBody {
  static let name = "connlimit"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CONNLIMIT_COUNT, count)
    buffer.put(NFTA_CONNLIMIT_FLAGS, isInverted ? NFT_CONNLIMIT_F_INV.rawValue : 0)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    count = try required(fields.integer(NFTA_CONNLIMIT_COUNT), "a count")
    isInverted = try fields.flag(NFTA_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV.rawValue)
  }
}
