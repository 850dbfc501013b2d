import CLinux
import NetTypes
import Netlink

extension Link {
  /// Decodes the payload of an RTM_NEWLINK or RTM_DELLINK message.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    let header = try LinkHeader(decoding: payload)
    var link = Link(index: header.index, name: "", flags: header.flags)
    try payload.forEachAttribute(from: LinkHeader.size) { type, value throws(DecodingFailure) in
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
    case IFLA_OPERSTATE: operationalState = OperationalState(rawValue: try value.exactly())
    case IFLA_CARRIER:
      let carrier: UInt8 = try value.exactly()
      hasCarrier = carrier != 0
    case IFLA_CARRIER_UP_COUNT: carrierArrivals = try value.exactly()
    case IFLA_PROMISCUITY: promiscuity = try value.exactly()
    case IFLA_MASTER: master = try value.exactly()
    case IFLA_GROUP: group = try value.exactly()
    case IFLA_LINK: lowerLink = try value.exactly()
    case IFLA_LINK_NETNSID: peerNamespaceID = try value.exactly()
    case IFLA_LINKINFO: try takeInformation(value)
    case IFLA_AF_SPEC:
      let configuration = try DeviceConfiguration(decoding: value)
      addressGenerationMode = configuration.addressGenerationMode
      ipv4 = configuration.ipv4
      ipv6 = configuration.ipv6
      other.append(value.rawAttribute(type))
    case IFLA_STATS64: statistics = try LinkStatistics(decoding: value)
    // The 32-bit form of IFLA_STATS64.
    case IFLA_STATS: break
    default: other.append(value.rawAttribute(type))
    }
  }

  /// Decodes IFLA_LINKINFO. The kinds precede their data.
  private mutating func takeInformation(_ span: RawSpan) throws(DecodingFailure) {
    var link = self
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_INFO_KIND: link.kind = value.string
      case IFLA_INFO_SLAVE_KIND: link.slaveKind = value.string
      case IFLA_INFO_DATA where link.kind == LinkKind.bridge: link.bridge = try BridgeAttributes(decoding: value)
      case IFLA_INFO_DATA where link.kind == LinkKind.tun: link.tun = try TunAttributes(decoding: value)
      case IFLA_INFO_SLAVE_DATA where link.slaveKind == LinkKind.bridge:
        link.bridgePort = try BridgePortAttributes(decoding: value)
      default: link.otherInformation.append(value.rawAttribute(type))
      }
    }
    self = link
  }
}

/// The values of IFLA_INFO_KIND.
enum LinkKind {
  static let bridge = "bridge"
  static let tun = "tun"
  static let veth = "veth"
  static let dummy = "dummy"
}
