import CLinux
import Netlink

/// The users of a TUN or TAP device: IFLA_INFO_DATA of kind `tun`. rtnetlink only reads them; the ioctls of tun(4) set
/// them.
public struct TunAttributes: Hashable, Sendable {
  /// IFLA_TUN_OWNER: the user who may attach without CAP_NET_ADMIN.
  public var owner: UInt32?
  /// IFLA_TUN_GROUP: the group whose members may attach without CAP_NET_ADMIN.
  public var group: UInt32?

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var (owner, group): (UInt32?, UInt32?)
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_TUN_OWNER: owner = try value.exactly()
      case IFLA_TUN_GROUP: group = try value.exactly()
      default: break
      }
    }
    self.owner = owner
    self.group = group
  }
}
