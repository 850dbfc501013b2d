import CLinux
import Netlink

/// Loads or sets what the kernel knows about a packet besides its bytes.
public struct Meta: Hashable, Sendable {
  /// `enum nft_meta_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    case length = 0
    /// The EtherType of the payload, in network byte order.
    case `protocol`
    case priority, mark, iif, oif, iifname, oifname, iiftype, oiftype, skuid, skgid, nftrace, rtclassid, secmark
    /// NFPROTO_IPV4 or NFPROTO_IPV6, in the inet family.
    case nfproto
    /// The protocol over IP, past extension headers.
    case l4proto
    case bridgeIifname, bridgeOifname, pkttype, cpu, iifgroup, oifgroup, cgroup, prandom, secpath, iifkind, oifkind
    case bridgeIifpvid, bridgeIifvproto, timeNanoseconds, timeDay, timeHour, sdif, sdifname, bridgeBroute
  }

  public var key: Key
  public var access: Access

  public init(_ key: Key, _ access: Access) {
    self.key = key
    self.access = access
  }
}

extension Meta: ExpressionBody {
  static let name = "meta"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_META_KEY, key.rawValue)
    switch access {
    case .load(let register): buffer.put(NFTA_META_DREG, register)
    case .store(let register): buffer.put(NFTA_META_SREG, register)
    }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    key = try fields.choice(NFTA_META_KEY)
    if let register = try fields.register(NFTA_META_DREG) {
      access = .load(register)
    } else {
      access = .store(try required(fields.register(NFTA_META_SREG), "a register"))
    }
  }
}
