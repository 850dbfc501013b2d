import CLinux
public import Netlink

/// What a TUN or TAP device is: IFLA_INFO_DATA of kind `tun`. rtnetlink only reads it; tun(4)'s ioctls set it.
public struct TunAttributes: Hashable, Sendable {
  /// IFF_TUN or IFF_TAP of linux/if_tun.h.
  public var type: UInt8 = 0
  /// The user who may attach without CAP_NET_ADMIN.
  public var owner: UInt32?
  /// The group whose members may attach without CAP_NET_ADMIN.
  public var group: UInt32?
  /// Whether a `struct tun_pi` goes before each packet.
  public var hasPacketInformation = false
  /// Whether a `struct virtio_net_hdr` goes before each packet.
  public var hasVnetHeader = false
  /// Whether it outlives the descriptors that hold it.
  public var isPersistent = false
  public var isMultiQueue = false
  /// The queues of a multi-queue device that are enabled.
  public var queues: UInt32?
  public var disabledQueues: UInt32?
  /// All other IFLA_TUN_ attributes.
  public var other: [RawAttribute] = []

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
