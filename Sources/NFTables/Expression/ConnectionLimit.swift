import CLinux
import Netlink

/// Counts connections that connection tracking knows, and holds while they are no more than so many: nft's `ct count`.
///
/// A connection is counted from its first packet on, until it is gone; of TCP's, until it is closed. Only the packet that
/// begins a connection should be led here (net/netfilter/nf_conncount.c: what is counted twice is not found twice).
public struct ConnectionLimit: Hashable, Sendable {
  public var count: UInt32
  /// Holds where there are more instead: nft's `over`.
  public var isInverted: Bool

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
    let flags: UInt32 = try fields.integer(NFTA_CONNLIMIT_FLAGS) ?? 0
    guard flags & ~NFT_CONNLIMIT_F_INV.rawValue == 0 else { throw DecodingFailure("connlimit flags \(flags)") }
    isInverted = flags != 0
  }
}
