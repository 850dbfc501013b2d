public import NetTypes

/// What a guest may get where, by its network's policy, written without any of the product's own words for it.
public struct HostileRights: Sendable {
  public enum Reach: Sendable, Hashable {
    case nothing, internet, all
  }

  /// A port of somebody's.
  public struct Service: Hashable, Sendable {
    public var protocolNumber: UInt8
    public var address: IPAddress
    public var port: UInt16

    public init(_ protocolNumber: IPProtocol, _ address: IPAddress, _ port: UInt16) {
      self.protocolNumber = protocolNumber.rawValue
      self.address = address
      self.port = port
    }
  }

  public var world: HostileWorld
  public var reach: Reach
  /// Which a rule opens.
  public var allowed: [Service]
  /// As whom it appears outside.
  public var sources: Set<IPAddress>
  public var reachesNeighbors: Bool
  /// Whether it is on one link with its neighbours.
  public var isBridged: Bool
  /// Ports of its neighbour's that are published on the host.
  public var published: [Service]
  /// Whether there is a name server at the gateway's address.
  public var hasNames: Bool

  public init(
    world: HostileWorld, reach: Reach, allowed: [Service], sources: Set<IPAddress>, reachesNeighbors: Bool,
    isBridged: Bool, published: [Service], hasNames: Bool
  ) {
    self.world = world
    self.reach = reach
    self.allowed = allowed
    self.sources = sources
    self.reachesNeighbors = reachesNeighbors
    self.isBridged = isBridged
    self.published = published
    self.hasNames = hasNames
  }

  var ownAddresses: Set<IPAddress> {
    var own: Set<IPAddress> = [.v4(world.outer), .v6(world.own.linkLocal)]
    if let address6 = world.own.address6 { own.insert(.v6(address6)) }
    return own
  }

  /// Whether it may send this through the host to whoever is outside.
  func allows(_ protocolNumber: UInt8, to destination: IPAddress, port: UInt16?) -> Bool {
    let isOpened = allowed.contains {
      $0.address == destination && $0.protocolNumber == protocolNumber && (port == nil || $0.port == port)
    }
    if isOpened { return true }
    switch reach {
    case .nothing: return false
    case .internet: return !Self.isSpecial(destination)
    case .all: return !Self.isLinkLocal(destination)
    }
  }

  private static func isLinkLocal(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address): address.rawValue >> 16 == 0xa9fe || address.rawValue >> 28 >= 14
    case .v6(let address):
      address.isLinkLocal || address.isMulticast || address.rawValue >> 96 == 0xfd00_0ec2
        || address.rawValue >> 96 == 0x2002_a9fe || address.rawValue >> 16 == 0x64_ff9b << 80 | 0xa9fe
    }
  }

  /// What no one on the internet has, of the addresses that a hostile guest tries here.
  private static func isSpecial(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address):
      let bytes = address.bytes
      return bytes[0] == 0 || bytes[0] == 10 || bytes[0] == 127 || bytes[0] >= 224
        || bytes[0] == 100 && bytes[1] >> 6 == 1 || bytes[0] == 169 && bytes[1] == 254
        || bytes[0] == 172 && bytes[1] >> 4 == 1 || bytes[0] == 192 && bytes[1] == 168
    case .v6(let address):
      // Global unicast is 2000::/3; 2002::/16 leads to IPv4.
      return address.rawValue >> 125 != 1 || address.rawValue >> 112 == 0x2002
    }
  }
}
