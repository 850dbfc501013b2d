import CLinux
import Glibc
import NetTypes
import Netlink

extension Link {
  /// Decodes the payload of an RTM_NEWLINK or RTM_DELLINK message.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    var link = Link(
      index: try payload.integer(at: 4), name: "",
      isUp: try payload.integer(at: 8, as: UInt32.self) & UInt32(IFF_UP) != 0)
    try payload.forEachAttribute(after: 16) { type, value throws(DecodingFailure) in
      try link.take(type, value)
    }
    self = link
  }

  private mutating func take(_ type: UInt16, _ value: RawSpan) throws(DecodingFailure) {
    switch Int(type) {
    case IFLA_IFNAME: name = value.string
    case IFLA_IFALIAS: alias = value.string
    case IFLA_PROP_LIST: alternativeNames = try Self.alternativeNames(decoding: value)
    case IFLA_ADDRESS where value.byteCount == 6: macAddress = MACAddress(bytes: value.array)
    case IFLA_MTU: mtu = try value.exactly()
    case IFLA_CARRIER: hasCarrier = try value.boolean()
    case IFLA_CARRIER_UP_COUNT: carrierArrivals = try value.exactly()
    case IFLA_MASTER: master = try value.exactly()
    case IFLA_GROUP: group = try value.exactly()
    case IFLA_LINKINFO: try takeInformation(value)
    case IFLA_AF_SPEC: try takeConfiguration(value)
    case IFLA_STATS64: (receivedPackets, sentPackets) = (try value.integer(), try value.integer(at: 8))
    default: break
    }
  }

  /// Decodes IFLA_LINKINFO. The kinds precede their data.
  private mutating func takeInformation(_ span: RawSpan) throws(DecodingFailure) {
    var masterKind: String?
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_INFO_KIND: kind = value.string
      case IFLA_INFO_SLAVE_KIND: masterKind = value.string
      case IFLA_INFO_DATA where kind == LinkKind.tun: tun = try TunAttributes(decoding: value)
      case IFLA_INFO_SLAVE_DATA where masterKind == LinkKind.bridge:
        bridgePort = try BridgePortAttributes(decoding: value)
      default: break
      }
    }
  }
}

/// The values of IFLA_INFO_KIND.
enum LinkKind {
  static let bridge = "bridge"
  static let tun = "tun"
  static let veth = "veth"
}
