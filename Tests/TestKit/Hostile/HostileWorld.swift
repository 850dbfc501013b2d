public import NetTypes

/// Who is where: the addresses that mean something to a guest that lies.
public struct HostileWorld: Sendable {
  public struct Party: Hashable, Sendable {
    public var mac: MACAddress
    public var address: IPv4Address
    /// nil where it has no IPv6.
    public var address6: IPv6Address?

    public init(mac: MACAddress, address: IPv4Address, address6: IPv6Address? = nil) {
      self.mac = mac
      self.address = address
      self.address6 = address6
    }

    public var linkLocal: IPv6Address { .linkLocal(of: mac) }
  }

  /// A connection of others', by both its ends.
  public struct Flow: Hashable, Sendable {
    public var protocolNumber: IPProtocol
    public var one: Endpoint
    public var other: Endpoint

    public init(_ protocolNumber: IPProtocol, _ one: Endpoint, _ other: Endpoint) {
      self.protocolNumber = protocolNumber
      self.one = one
      self.other = other
    }

    public var reversed: Flow { Flow(protocolNumber, other, one) }
  }

  /// A datagram of others', in fragments with gaps between them in time.
  public struct Fragmented: Hashable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    public var identification: UInt32

    public init(from source: IPAddress, to destination: IPAddress, identification: UInt32) {
      self.source = source
      self.destination = destination
      self.identification = identification
    }
  }

  /// The guest that lies, as it knows itself.
  public var own: Party
  /// How the host knows it: another address where it is translated.
  public var outer: IPv4Address
  /// In the same network.
  public var neighbor: Party
  /// In another network.
  public var stranger: Party
  /// As the guest knows it; its IPv6 address is the link-local one.
  public var gateway: Party
  /// The network's own, where the guest's is translated.
  public var subnet: IPv4Prefix
  /// The host's uplink.
  public var host: Party
  /// The host's address in the guests' prefix.
  public var hostInPrefix: IPv6Address?
  /// Outside, on the uplink's link.
  public var server: Party
  /// Outside, by way of the server.
  public var far: Party
  /// On the host.
  public var publishedPorts: [UInt16]
  /// Which its policy lets it reach.
  public var allowedPorts: [UInt16]
  public var flows: [Flow]
  /// Of the other guests of its network that send by themselves.
  public var bystanders: Set<MACAddress> = []
  public var fragmented: [Fragmented]

  public init(
    own: Party, outer: IPv4Address, neighbor: Party, stranger: Party, gateway: Party, subnet: IPv4Prefix, host: Party,
    hostInPrefix: IPv6Address?, server: Party, far: Party, publishedPorts: [UInt16], allowedPorts: [UInt16],
    flows: [Flow], fragmented: [Fragmented]
  ) {
    self.own = own
    self.outer = outer
    self.neighbor = neighbor
    self.stranger = stranger
    self.gateway = gateway
    self.subnet = subnet
    self.host = host
    self.hostInPrefix = hostInPrefix
    self.server = server
    self.far = far
    self.publishedPorts = publishedPorts
    self.allowedPorts = allowedPorts
    self.flows = flows
    self.fragmented = fragmented
  }
}
