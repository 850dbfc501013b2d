import NetTypes

/// The JSON of `network create -o json`. Fields are named after the options. Derived fields are encoded, but ignored when
/// decoding.
extension Network: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, mode, subnet, bridge, mtu, dnsServer, subnet6, nat6, guestMac, gatewayMac
    case gatewayIP = "gatewayIp"
    case gatewayIP6 = "gatewayIp6"
    case hostIP6 = "hostIp6"
    case guestIP = "guestIp"
    case guestGateway
  }

  private struct Server: Codable {
    var domain: String
    var upstream: [IPv4Address]
  }

  /// Decodes the JSON of `network create -o json`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard let mode = Mode(rawValue: try values.decode(String.self, forKey: .mode)) else {
      throw DecodingError.dataCorruptedError(forKey: .mode, in: values, debugDescription: "no mode")
    }
    self.init(
      name: try values.decode(Identifier.self, forKey: .name),
      mode: mode, subnet: try values.decode(IPv4Subnet.self, forKey: .subnet),
      bridge: try values.decode(InterfaceName.self, forKey: .bridge), mtu: try values.decode(Int.self, forKey: .mtu),
      subnet6: try values.decodeIfPresent(IPv6Prefix.self, forKey: .subnet6),
      nat6: try values.decodeIfPresent(Bool.self, forKey: .nat6) ?? false,
      snapshot: mode == .clone ? try Self.snapshot(values) : nil,
      settings: try NetworkSettings(members: decoder))
    settings.nameServer = try values.decodeIfPresent(Server.self, forKey: .dnsServer).map {
      NameServer(upstreams: $0.upstream)
    }
  }

  private static func snapshot(_ values: KeyedDecodingContainer<CodingKeys>) throws -> SnapshotIdentity {
    // `172.30.0.2/24` is an address with its prefix length. No type of NetTypes parses it: it has host bits.
    let parts = try values.decode(String.self, forKey: .guestIP).split(separator: "/").map(String.init)
    guard parts.count == 2, let address = try? IPv4Address(parsing: parts[0]), let length = Int(parts[1]) else {
      throw DecodingError.dataCorruptedError(forKey: .guestIP, in: values, debugDescription: "expected ADDRESS/LENGTH")
    }
    let prefix = try IPv4Prefix(containing: address, prefixLength: length)
    return SnapshotIdentity(
      address: address, subnet: try IPv4Subnet(parsing: prefix.description),
      mac: try values.decode(MACAddress.self, forKey: .guestMac),
      gateway: try values.decode(IPv4Address.self, forKey: .guestGateway),
      gatewayMAC: try values.decode(MACAddress.self, forKey: .gatewayMac))
  }

  /// Encodes the JSON of `network create -o json`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(mode.rawValue, forKey: .mode)
    try values.encode(subnet, forKey: .subnet)
    try values.encode(subnet.gateway, forKey: .gatewayIP)
    try values.encode(bridge, forKey: .bridge)
    try values.encode(mtu, forKey: .mtu)
    try settings.encodeMembers(to: encoder)
    if let nameServer = settings.nameServer {
      try values.encode(Server(domain: domain, upstream: nameServer.upstreams), forKey: .dnsServer)
    }
    if let subnet6, let hostAddress6 {
      try values.encode(subnet6, forKey: .subnet6)
      try values.encode(Network.gateway6, forKey: .gatewayIP6)
      try values.encode(hostAddress6, forKey: .hostIP6)
      try values.encode(nat6, forKey: .nat6)
    }
    if let snapshot {
      try values.encode("\(snapshot.address)/\(snapshot.subnet.prefixLength)", forKey: .guestIP)
      try values.encode(snapshot.mac, forKey: .guestMac)
      try values.encode(snapshot.gateway, forKey: .guestGateway)
      try values.encode(snapshot.gatewayMAC, forKey: .gatewayMac)
    }
  }
}
