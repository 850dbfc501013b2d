import CLinux
import Netlink

/// Loads or sets packet metadata: `meta` in nft. NFTA_META_.
public struct Meta: Hashable, Sendable {
  /// `enum nft_meta_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    /// NFT_META_LEN.
    case length = 0
    /// NFT_META_PROTOCOL: the EtherType of the packet, in network byte order.
    case `protocol`
    /// NFT_META_PRIORITY to NFT_META_SECMARK.
    case priority, mark, iif, oif, iifname, oifname, iiftype, oiftype, skuid, skgid, nftrace, rtclassid, secmark
    /// NFT_META_NFPROTO: NFPROTO_IPV4 or NFPROTO_IPV6, in the inet family.
    case nfproto
    /// NFT_META_L4PROTO: the transport protocol, after the extension headers.
    case l4proto
    /// NFT_META_BRI_IIFNAME to NFT_META_OIFKIND.
    case bridgeIifname, bridgeOifname, pkttype, cpu, iifgroup, oifgroup, cgroup, prandom, secpath, iifkind, oifkind
    /// NFT_META_BRI_IIFPVID to NFT_META_BRI_BROUTE.
    case bridgeIifpvid, bridgeIifvproto, timeNanoseconds, timeDay, timeHour, sdif, sdifname, bridgeBroute
  }

  /// The metadata.
  public var key: Key
  /// Whether to load or to store, and the register.
  public var access: Access

  /// A load or a store of metadata.
  public init(_ key: Key, _ access: Access) {
    self.key = key
    self.access = access
  }
}

extension Meta: ExpressionBody {
  static let name = "meta"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_META_KEY, key.rawValue)
    buffer.put(access, load: NFTA_META_DREG, store: NFTA_META_SREG)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    key = try fields.choice(NFTA_META_KEY)
    access = try fields.access(load: NFTA_META_DREG, store: NFTA_META_SREG)
  }
}
