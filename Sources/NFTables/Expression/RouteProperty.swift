import CLinux
import Netlink

/// Loads what the packet's route says: nft's `rt`.
public struct RouteProperty: Hashable, Sendable {
  /// `enum nft_rt_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    case classID = 0
    case nextHopIPv4, nextHopIPv6
    /// The longest TCP segment that the route takes, and the one back, in host byte order: nft's `rt mtu`.
    case maximumSegmentSize
    case isTransformed
  }

  public var key: Key
  public var destination: Register

  public init(_ key: Key, into destination: Register) {
    self.key = key
    self.destination = destination
  }
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
