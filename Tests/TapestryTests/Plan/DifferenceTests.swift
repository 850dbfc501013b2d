import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("The difference between what should be and what is")
struct DifferenceTests {
  private let world = World()

  @Test("nothing desired and nothing there is nothing to do")
  func empty() {
    #expect(Plan.difference(Desired(), Observed()).isEmpty)
  }

  @Test("an empty kernel gets the ruleset first, then the bridge, then the TAP, then forwarding")
  func order() {
    let plan = Plan.difference(world.desired, Observed(sysctls: [.ipv4Forward: "0"]))
    #expect(
      plan.steps == [
        .installRuleset(world.desired.ruleset), .createBridge(world.network), .addGateway(world.network),
        .createTap(world.guest), .setSysctl(.ipv4Forward, value: "1"),
      ])
  }

  @Test("what is as it should be is left alone")
  func converged() {
    #expect(Plan.difference(world.desired, world.observed).isEmpty)
  }

  @Test("everything that is off about a TAP is one step, and named")
  func tapDrift() throws {
    var observed = world.observed
    observed.links["svweb1eth0"]?.isUp = false
    observed.links["svweb1eth0"]?.master = nil
    observed.links["svweb1eth0"]?.mtu = 9000
    observed.links["svweb1eth0"]?.group = nil
    observed.links["svweb1eth0"]?.isIsolated = false
    observed.links["svweb1eth0"]?.isQuiet = false
    observed.links["svweb1eth0"]?.forwardsLinkLocalGroups = false
    observed.links["svweb1eth0"]?.entries = [world.lease.mac: .forwarded]
    observed.links["svweb1eth0"]?.owner = TapOwner(uid: 7)
    let plan = Plan.difference(world.desired, observed)
    #expect(plan.steps == [.setTap(world.guest)])
    let drift = try #require(plan.items.first?.drift)
    for part in [
      "down", "not a port of svbr0", "MTU 9000", "another interface group", "not isolated", "learns or floods",
      "without the guard", "forwarding entry", "owner",
    ] {
      #expect(drift.contains(part))
    }
  }

  @Test("a bridge that is down, or without its address, is mended and not made anew")
  func bridgeDrift() {
    var observed = world.observed
    observed.links["svbr0"]?.isUp = false
    observed.links["svbr0"]?.addresses = [:]
    #expect(
      Plan.difference(world.desired, observed).steps == [.setBridge(world.network), .addGateway(world.network)])
  }

  @Test("where the bridge is somebody else's, no TAP becomes a port of it")
  func foreignBridge() {
    var observed = Observed(sysctls: [.ipv4Forward: "1"])
    observed.links["svbr0"] = ObservedLink(index: 5, name: "svbr0", kind: "bridge", mtu: 1500, isUp: true)
    let plan = Plan.difference(world.desired, observed)
    #expect(plan.conflicts.map(\.error.code) == [.notOwned])
    #expect(plan.steps == [.installRuleset(world.desired.ruleset)])
  }

  @Test("a link of the bridge's or the TAP's name without our mark is a conflict, and no step touches it")
  func foreignLinks() {
    for name in ["svbr0", "svweb1eth0"] {
      var observed = world.observed
      observed.links[name]?.mark = nil
      let plan = Plan.difference(world.desired, observed)
      #expect(plan.conflicts.map(\.error.code) == [.notOwned])
      #expect(plan.steps.isEmpty)
    }
  }

  @Test("guests' checksums are filtered where the kernel can: the block, the bridge that keeps it, each TAP")
  func checksums() {
    var observed = world.observed
    #expect(Plan.difference(world.desired, observed).isEmpty)
    observed.checksumFilter = .missing
    #expect(Plan.difference(world.desired, observed).steps == [.setChecksumFilter(world.network)])
    observed.checksumFilter = .inPlace
    #expect(
      Plan.difference(world.desired, observed).steps == [.setChecksumFilter(world.network), .setTap(world.guest)])
    observed.links["svbr0"]?.isFiltered = true
    observed.links["svweb1eth0"]?.isFiltered = true
    #expect(Plan.difference(world.desired, observed).isEmpty)
    // Before a new network's first guest.
    observed.links["svbr0"] = nil
    let steps = Plan.difference(world.desired, observed).steps
    #expect(
      steps.prefix(3) == [
        .createBridge(world.network), .addGateway(world.network), .setChecksumFilter(world.network),
      ])
  }

  @Test("another network's mark on our bridge's name is not ours either")
  func otherMark() throws {
    var observed = world.observed
    observed.links["svbr0"]?.mark = .network(try #require(Identifier(text: "other")))
    #expect(Plan.difference(world.desired, observed).conflicts.map(\.error.code) == [.notOwned])
  }

  @Test("what nothing desires goes: elements first, TAPs before bridges, tables and sysctls last; foreign links stay")
  func removal() {
    var observed = world.observed
    observed.links["eth0"] = ObservedLink(index: 2, name: "eth0", kind: nil, mark: nil, mtu: 1500, isUp: true)
    let desired = Desired(restoredSysctls: [.ipv4Forward: "0"])
    let plan = Plan.difference(desired, observed)
    #expect(
      plan.steps == [
        .changeRuleset(RulesetChange(removedGuests: [Ruleset.GuestFacts(world.guest)])),
        .deleteLink(name: "svweb1eth0", index: 11, mark: world.guest.mark),
        .deleteLink(name: "svbr0", index: 10, mark: world.network.mark), .removeRuleset,
        .restoreSysctl(.ipv4Forward, value: "0"),
      ])
  }

  @Test("a link of another kind than we make is not ours, whatever its mark")
  func otherKinds() {
    var observed = Observed()
    for (index, kind) in [nil, "veth", "vlan", "tun"].enumerated() {
      observed.links["x\(index)"] = ObservedLink(
        index: Int32(index + 2), name: "x\(index)", kind: kind, mark: world.network.mark, mtu: 1500, isUp: true)
    }
    observed.links["y"] = ObservedLink(
      index: 9, name: "y", kind: "bridge", mark: world.guest.mark, mtu: 1500, isUp: true)
    #expect(Plan.difference(Desired(), observed).isEmpty)
  }

  @Test("a link with our mark under another name than the lease's is not the attachment's")
  func renamed() {
    var observed = world.observed
    var link = observed.links.removeValue(forKey: "svweb1eth0")
    link?.name = "stolen"
    observed.links["stolen"] = link
    #expect(
      Plan.difference(world.desired, observed).steps == [
        .deleteLink(name: "stolen", index: 11, mark: world.guest.mark), .createTap(world.guest),
      ])
  }

  @Test("an altered ruleset is made anew with everyone in it")
  func alteredRuleset() {
    var observed = world.observed
    observed.ruleset = .altered(Ruleset())
    #expect(Plan.difference(world.desired, observed).steps == [.installRuleset(world.desired.ruleset)])
  }

  @Test("a table of our name that is not ours is a conflict")
  func foreignTable() {
    var observed = world.observed
    observed.ruleset = .foreign
    #expect(Plan.difference(world.desired, observed).conflicts.map(\.error.code) == [.notOwned])
  }

  @Test("a part concerns its own attachment and the whole host, not the neighbour")
  func concerning() throws {
    let other = try world.guest(vm: "db", tapName: "svdbeth0", address: "172.30.0.3")
    var desired = world.desired
    desired.guests.append(other)
    let plan = Plan.difference(desired, Observed()).concerning(.default, only: world.lease.key)
    #expect(plan.steps.contains(.createTap(world.guest)))
    #expect(!plan.steps.contains(.createTap(other)))
    #expect(plan.steps.contains(.createBridge(world.network)))
    #expect(!Plan.difference(desired, Observed()).concerning(.default).steps.contains(.createTap(world.guest)))
  }
}

/// One network with one guest, as it should be and as the kernel then has it.
struct World {
  let network = Network(name: .default, subnet: Network.defaultSubnet, bridge: Network.defaultBridge)
  let lease: Lease
  let guest: Desired.Guest

  init() {
    let key = AttachmentKey(vm: Identifier(known: "web-1"), interface: Identifier(known: "eth0"))
    lease = Lease(
      key: key, network: .default, address: network.subnet.firstGuest, mac: MACAddress(2, 0, 0, 0, 0, 1),
      tapName: InterfaceName(known: "svweb1eth0"), state: .active)
    guest = Desired.Guest(network: network, lease: lease)
  }

  func guest(vm: String, tapName: String, address: String) throws -> Desired.Guest {
    var lease = lease
    lease.key.vm = try Identifier(parsing: vm, field: "VM id")
    lease.tapName = try InterfaceName(parsing: tapName)
    lease.address = try IPv4Address(parsing: address)
    lease.mac = MACAddress(2, 0, 0, 0, 0, 2)
    return Desired.Guest(network: network, lease: lease)
  }

  var desired: Desired { Desired(networks: [network], guests: [guest]) }

  var observed: Observed {
    Observed(
      links: [
        "svbr0": ObservedLink(
          index: 10, name: "svbr0", kind: "bridge", mark: network.mark, mac: network.bridgeMAC, mtu: 1500, isUp: true,
          addresses: [.v4(network.subnet.gateway): 24], answersForItselfOnly: true),
        "svweb1eth0": ObservedLink(
          index: 11, name: "svweb1eth0", kind: "tun", mark: guest.mark, mac: guest.hostMAC, mtu: 1500, isUp: true,
          master: 10, group: GuestGroup(.bridged), isIsolated: true, isQuiet: true, forwardsLinkLocalGroups: true,
          entries: [lease.mac: .local], owner: .root),
      ],
      ruleset: .intact(desired.ruleset), sysctls: [.ipv4Forward: "1"])
  }
}
