import Linux
import NetTypes
import TestKit

@testable import Tapestry

/// Desired states, and states of a host that others, crashes and earlier commands have left.
struct RandomWorld {
  private var generator: SeededGenerator

  init(_ generator: SeededGenerator) { self.generator = generator }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

  // MARK: Desired

  mutating func desired() throws -> Desired {
    var desired = Desired()
    for number in 0..<Int.random(in: 0...3, using: &generator) {
      let network = try network(number)
      desired.networks.append(network)
      for guest in 0..<Int.random(in: 0...3, using: &generator) {
        desired.guests.append(Desired.Guest(network: network, lease: try lease(guest, network, number)))
      }
    }
    if desired.networks.isEmpty, chance(50) { desired.restoredSysctls = [.ipv4Forward: "0"] }
    return desired
  }

  private mutating func network(_ number: Int) throws -> Network {
    let mode = Network.Mode.allCases.randomElement(using: &generator) ?? .bridge
    let subnet = try IPv4Subnet(parsing: "10.\(number).0.0/24")
    var network = Network(
      name: try Identifier(parsing: "n\(number)", field: "name"), mode: mode, subnet: subnet,
      bridge: try InterfaceName(parsing: "svbr\(number)"))
    network.settings.allowsInterVM = chance(40)
    network.settings.nat = chance(70)
    network.mtu = chance(80) ? 1500 : 1400
    network.settings.opensFirewalls = chance(80)
    network.settings.egress.reach = chance(50) ? .internet : .inherited
    if mode != .clone, chance(50) {
      network.subnet6 = try IPv6Prefix(parsing: "fd00:\(number)::/64")
      network.nat6 = chance(50)
    }
    if chance(40) { network.settings.nameServer = NameServer() }
    if mode == .clone {
      network.snapshot = SnapshotIdentity(
        address: IPv4Address(172, 30, 0, 2), subnet: Network.defaultSubnet, mac: MACAddress(2, 0, 0, 0, 0, 0x77))
    }
    return network
  }

  private mutating func lease(_ guest: Int, _ network: Network, _ number: Int) throws -> Lease {
    var settings = AttachmentSettings()
    if chance(30) { settings.owner = TapOwner(uid: 1000, gid: chance(50) ? 7 : nil) }
    if chance(30) { settings.egress = EgressPolicy(reach: .nothing) }
    if chance(30) { settings.rateLimit = RateLimit(transmit: 1_000_000, receive: chance(50) ? 2_000_000 : nil) }
    if chance(40) { settings.labels = try Labels(parsing: ["tier=\(chance(50) ? "web" : "db")"]) }
    if chance(30) { settings.maxConnections = chance(50) ? .unlimited : .atMost(300) }
    if chance(30) { settings.published = [PublishedPort(hostPort: UInt16(8000 + 10 * number + guest), guestPort: 80)] }
    if network.settings.nameServer != nil, chance(30) {
      settings.egress = EgressPolicy(
        reach: .nothing, domains: [try DomainPattern(parsing: chance(50) ? "example.org" : "*.example.net")])
    }
    if chance(30) { settings.egress.labels = [try Label("tier", chance(50) ? "web" : "db")] }
    return Lease(
      key: AttachmentKey(
        vm: try Identifier(parsing: "vm\(number)\(guest)", field: "VM id"),
        interface: try Identifier(parsing: "eth0", field: "interface id")),
      network: network.name, address: IPv4Address(rawValue: network.subnet.firstGuest.rawValue + UInt32(guest)),
      mac: MACAddress(2, 0, 0, 0, UInt8(number), UInt8(guest + 1)),
      tapName: try InterfaceName(parsing: "svvm\(number)\(guest)"), settings: settings, state: .active)
  }

  // MARK: Observed

  /// What a plan for another desired state has made, carried out in part, and what others have done to it.
  mutating func observed() throws -> Observed {
    var observed = Observed(sysctls: [
      .ipv4Forward: chance(50) ? "1" : "0", .ipv6Forward: chance(50) ? "1" : "0", Desired.arpIgnore: "0",
      Forwarding6.disabled: "0",
    ])
    observed.checksumFilter = chance(50) ? .missing : .unsupported("")
    observed.links["eth0"] = ObservedLink(index: 2, name: "eth0", mtu: 1500, isUp: true)
    observed.links["docker0"] = ObservedLink(index: 3, name: "docker0", kind: "bridge", mtu: 1500, isUp: true)
    // Somebody else's, of a name of ours.
    if chance(10) {
      observed.links["svbr1"] = ObservedLink(index: 4, name: "svbr1", kind: "bridge", mtu: 1500, isUp: true)
    }
    if chance(10) {
      observed.links["svvm00"] = ObservedLink(index: 5, name: "svvm00", kind: "tun", mtu: 1500, isUp: true)
    }
    if chance(40) {
      let chain = ForeignChain(table: .ip("filter"), name: "FORWARD")
      observed.foreignForwards = [ForeignForward(chain: chain, family: .v4, place: chain, drops: true)]
    }
    let steps = Plan.difference(try desired(), observed).steps
    for step in steps.prefix(chance(60) ? steps.count : Int.random(in: 0...steps.count, using: &generator)) {
      observed = observed.applying(step)
    }
    for _ in 0..<Int.random(in: 0...4, using: &generator) { damage(&observed) }
    return observed
  }

  private mutating func damage(_ observed: inout Observed) {
    let owned = observed.links.values.filter(\.isOwned).map(\.name).sorted()
    let name = owned.randomElement(using: &generator) ?? ""
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: observed.ruleset = .missing
    case 1: if case .intact(let ruleset) = observed.ruleset { observed.ruleset = .altered(ruleset) }
    case 2:
      guard case .intact(var ruleset) = observed.ruleset,
        let guest = ruleset.guests.min(by: { $0.description < $1.description })
      else { return }
      ruleset.guests.remove(guest)
      observed.ruleset = .intact(ruleset)
    case 3: observed.links[name] = nil
    case 4: observed.links[name]?.isUp = false
    case 5: observed.links[name]?.mtu = 9000
    case 6: observed.links[name]?.mac = MACAddress(2, 9, 9, 9, 9, 9)
    case 7: observed.links[name]?.group = nil
    case 8: observed.links[name]?.master = 3
    case 9: observed.links[name]?.addresses = [:]
    case 10: observed.links[name]?.neighbors = [:]
    case 11: observed.links[name]?.routedAddresses = []
    case 12: observed.links[name]?.owner = TapOwner(uid: 66)
    case 13: observed.links[name]?.receiveRate = 5
    case 14: observed.sysctls[.ipv4Forward] = "0"
    default: observed.names = ObservedNames()
    }
  }
}
