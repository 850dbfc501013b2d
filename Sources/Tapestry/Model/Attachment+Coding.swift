import NetTypes

/// The JSON of `attach -o json`: the original's field names, plus the settings. Fields without a value are omitted.
extension Attachment: Codable {
  private enum CodingKeys: String, CodingKey {
    case vmID = "vmId"
    case interfaceID = "interfaceId"
    case network, tapName
    case guestIP = "guestIp"
    case prefixLength
    case gatewayIP = "gatewayIp"
    case subnetMask, mac, mtu, bridge
    case outerIP = "outerIp"
    case guestIP6 = "guestIp6"
    case prefixLength6
    case gatewayIP6 = "gatewayIp6"
    case domainName
    case pid
    case endedPID = "endedPid"
    case bootArguments = "bootArgs"
  }

  /// Decodes the JSON of `attach -o json`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      vmID: try values.decode(Identifier.self, forKey: .vmID),
      interfaceID: try values.decode(Identifier.self, forKey: .interfaceID),
      network: try values.decode(Identifier.self, forKey: .network),
      tapName: try values.decode(InterfaceName.self, forKey: .tapName),
      guestIP: try values.decode(IPv4Address.self, forKey: .guestIP),
      prefixLength: try values.decode(Int.self, forKey: .prefixLength),
      gatewayIP: try values.decode(IPv4Address.self, forKey: .gatewayIP),
      subnetMask: try values.decode(IPv4Address.self, forKey: .subnetMask),
      mac: try values.decode(MACAddress.self, forKey: .mac), mtu: try values.decode(Int.self, forKey: .mtu),
      bridge: try values.decode(InterfaceName.self, forKey: .bridge),
      outerIP: try values.decodeIfPresent(IPv4Address.self, forKey: .outerIP),
      guestIP6: try values.decodeIfPresent(IPv6Address.self, forKey: .guestIP6),
      prefixLength6: try values.decodeIfPresent(Int.self, forKey: .prefixLength6),
      gatewayIP6: try values.decodeIfPresent(IPv6Address.self, forKey: .gatewayIP6),
      domainName: try values.decodeIfPresent(String.self, forKey: .domainName),
      settings: try AttachmentSettings(from: decoder),
      pid: try values.decodeIfPresent(Int32.self, forKey: .pid),
      endedPID: try values.decodeIfPresent(Int32.self, forKey: .endedPID),
      bootArguments: try values.decode(String.self, forKey: .bootArguments))
  }

  /// Encodes the JSON of `attach -o json`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(vmID, forKey: .vmID)
    try values.encode(interfaceID, forKey: .interfaceID)
    try values.encode(network, forKey: .network)
    try values.encode(tapName, forKey: .tapName)
    try values.encode(guestIP, forKey: .guestIP)
    try values.encode(prefixLength, forKey: .prefixLength)
    try values.encode(gatewayIP, forKey: .gatewayIP)
    try values.encode(subnetMask, forKey: .subnetMask)
    try values.encode(mac, forKey: .mac)
    try values.encode(mtu, forKey: .mtu)
    try values.encode(bridge, forKey: .bridge)
    try values.encode(bootArguments, forKey: .bootArguments)
    try values.encodeIfPresent(outerIP, forKey: .outerIP)
    try values.encodeIfPresent(domainName, forKey: .domainName)
    try values.encodeIfPresent(guestIP6, forKey: .guestIP6)
    try values.encodeIfPresent(prefixLength6, forKey: .prefixLength6)
    try values.encodeIfPresent(gatewayIP6, forKey: .gatewayIP6)
    try settings.encode(to: encoder)
    try values.encodeIfPresent(pid, forKey: .pid)
    try values.encodeIfPresent(endedPID, forKey: .endedPID)
  }
}
