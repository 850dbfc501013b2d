import CLinux
public import Netlink

/// The properties of a TUN or TAP device: IFLA_INFO_DATA of kind `tun`. rtnetlink only reads them; the ioctls of tun(4) set
/// them.
public struct TunAttributes: Hashable, Sendable {
  /// IFLA_TUN_TYPE: IFF_TUN or IFF_TAP of linux/if_tun.h.
  public var type: UInt8 = 0
  /// IFLA_TUN_OWNER: the user who may attach without CAP_NET_ADMIN.
  public var owner: UInt32?
  /// IFLA_TUN_GROUP: the group whose members may attach without CAP_NET_ADMIN.
  public var group: UInt32?
  /// IFLA_TUN_PI: whether a `struct tun_pi` precedes each packet.
  public var hasPacketInformation = false
  /// IFLA_TUN_VNET_HDR: whether a `struct virtio_net_hdr` precedes each packet.
  public var hasVnetHeader = false
  /// IFLA_TUN_PERSIST: whether the device outlives its fds.
  public var isPersistent = false
  /// IFLA_TUN_MULTI_QUEUE.
  public var isMultiQueue = false
  /// IFLA_TUN_NUM_QUEUES: the number of enabled queues of a multi-queue device.
  public var queues: UInt32?
  /// IFLA_TUN_NUM_DISABLED_QUEUES: the number of disabled queues of a multi-queue device.
  public var disabledQueues: UInt32?
  /// All other IFLA_TUN_ attributes.
  public var other: [RawAttribute] = []

  /// True for a TAP, false for a TUN device.
  public var isTap: Bool { type == UInt8(IFF_TAP) }

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var read = TunAttributes()
    try span.forEachAttribute { attribute, value throws(DecodingFailure) in
      switch Int(attribute) {
      case IFLA_TUN_OWNER: read.owner = try value.exactly()
      case IFLA_TUN_GROUP: read.group = try value.exactly()
      case IFLA_TUN_TYPE: read.type = try value.exactly()
      case IFLA_TUN_PI: read.hasPacketInformation = try value.boolean()
      case IFLA_TUN_VNET_HDR: read.hasVnetHeader = try value.boolean()
      case IFLA_TUN_PERSIST: read.isPersistent = try value.boolean()
      case IFLA_TUN_MULTI_QUEUE: read.isMultiQueue = try value.boolean()
      case IFLA_TUN_NUM_QUEUES: read.queues = try value.exactly()
      case IFLA_TUN_NUM_DISABLED_QUEUES: read.disabledQueues = try value.exactly()
      default: read.other.append(value.rawAttribute(attribute))
      }
    }
    self = read
  }

  private init() {}
}
