import CLinux
import Netlink

/// Loads a property of the packet's route: `rt` in nft. NFTA_RT_.
public struct RouteProperty: Hashable, Sendable {
  /// `enum nft_rt_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    /// NFT_RT_CLASSID.
    case classID = 0
    /// NFT_RT_NEXTHOP4 and NFT_RT_NEXTHOP6.
    case nextHopIPv4, nextHopIPv6
    /// NFT_RT_TCPMSS: the largest TCP segment for the route and for the route back, in host byte order: `rt mtu` in nft.
    case maximumSegmentSize
    /// NFT_RT_XFRM: whether IPsec applies.
    case isTransformed
  }

  /// The property.
  public var key: Key
  /// The register of the result.
  public var destination: Register
}

extension RouteProperty: ExpressionBody {
  static let name = "rt"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_RT_KEY, key.rawValue)
    buffer.put(NFTA_RT_DREG, destination)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    key = try fields.choice(NFTA_RT_KEY)
    destination = try required(fields.register(NFTA_RT_DREG), "a destination")
  }
}
