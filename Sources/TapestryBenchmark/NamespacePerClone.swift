import Linux
import NFTables
import NetTypes
import RouteNetlink
import Tapestry

/// The alternative for running guests of one snapshot side by side, from Firecracker's documentation
/// (docs/snapshotting/network-for-clones.md): each clone in its own namespace, with a veth pair to the host's namespace
/// and NAT rules. Set up by messages of the same library, without leases and without starting programs.
struct NamespacePerClone: ~Copyable {
  private static let guest = IPv4Address(192, 168, 241, 2)
  private static let gateway = IPv4Address(192, 168, 241, 1)
  /// The clone's end of the veth pair.
  private static let veth = InterfaceName(known: "veth0")

  private let home: NetworkNamespace
  private var route: RouteSocket
  /// Keeps the namespaces alive.
  private var namespaces: [Held] = []

  private final class Held {
    let namespace: NetworkNamespace
    init(_ namespace: consuming NetworkNamespace) { self.namespace = namespace }
  }

  /// Uses the calling thread's namespace as the host's.
  init() throws {
    let current = try NetworkNamespace.current()
    route = try RouteSocket()
    home = current
  }

  /// Creates everything for one clone: its namespace and TAP, the veth pair, addresses, routes, rules.
  mutating func make(_ number: Int) throws {
    let pair = UInt32(number) << 2
    let near = IPv4Address(rawValue: IPv4Address(10, 200, 0, 1).rawValue + pair)
    let far = IPv4Address(rawValue: near.rawValue + 1)
    let outer = IPv4Address(rawValue: IPv4Address(10, 201, 0, 2).rawValue + UInt32(number))
    let name = InterfaceName(known: "veth\(number)")
    try configureNamespace(name, near: near, far: far, outer: outer)
    let index = try route.linkIndex(named: name) ?? 0
    var batch = RouteBatch()
    batch.replace(InterfaceAddress(.v4(near), prefixLength: 30, linkIndex: index))
    batch.set(.up(.index(index)))
    batch.replace(Route(.host(.v4(outer)), gateway: .v4(far), outputLink: index))
    try route.apply(batch)
  }

  private mutating func configureNamespace(
    _ name: InterfaceName, near: IPv4Address, far: IPv4Address, outer: IPv4Address
  ) throws {
    try NetworkNamespace.unshare()
    namespaces.append(Held(try NetworkNamespace.current()))
    // The thread returns to its namespace even after a failure. If it cannot, the process must not continue.
    defer { do { try home.enter() } catch { fatalError("cannot leave a clone's namespace: \(error)") } }
    var inside = try RouteSocket()
    let tap = try TapDevice(name: InterfaceName(known: "vmtap0"))
    try tap.setPersistent(true)
    var peer = VethPeer(name)
    peer.namespace = home.fileDescriptor
    var links = RouteBatch()
    links.create(NewLink(Self.veth, .veth(peer: peer)))
    try inside.apply(links)

    let tapIndex = try inside.linkIndex(named: tap.name) ?? 0
    let vethIndex = try inside.linkIndex(named: Self.veth) ?? 0
    var rest = RouteBatch()
    rest.replace(InterfaceAddress(.v4(Self.gateway), prefixLength: 29, linkIndex: tapIndex))
    rest.replace(InterfaceAddress(.v4(far), prefixLength: 30, linkIndex: vethIndex))
    rest.set(.up(.index(tapIndex)))
    rest.set(.up(.index(vethIndex)))
    rest.replace(Route(.everything(.v4), gateway: .v4(near), outputLink: vethIndex))
    try inside.apply(rest)
    try Sysctl.ipv4Forward.write("1")
    try translate(outer)
  }

  /// `-t nat -A POSTROUTING -o veth0 -s GUEST -j SNAT`, and `-A PREROUTING -i veth0 -d OUTER -j DNAT`.
  private func translate(_ outer: IPv4Address) throws {
    let table = Table(.ip, "nat")
    let postrouting = Chain(table.id, "POSTROUTING", .init(.nat, .postrouting, priority: .srcnat))
    let prerouting = Chain(table.id, "PREROUTING", .init(.nat, .prerouting, priority: .dstnat))
    let veth = Datum.interface(Self.veth)
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(postrouting)
    transaction.add(prerouting)
    transaction.add(
      Rule(
        in: postrouting, .match(.oifname, veth), .match(.ipSource, .ipv4(Self.guest)), .snat(.ip, to: outer)))
    transaction.add(
      Rule(
        in: prerouting, .match(.iifname, veth), .match(.ipDestination, .ipv4(outer)), .dnat(.ip, to: Self.guest)))
    var socket = try NFTablesSocket()
    try socket.apply(transaction)
  }
}

extension Benchmark {
  /// Measures a clone in its own namespace, on the floor of a clone network, and by the library, alternately.
  func measureClones(_ testbed: Testbed) throws -> Report.Section {
    var section = Report.Section(name: "clones", title: "a clone of a snapshot, in process")
    var other = try NamespacePerClone()
    var (namespaces, floor, library): ([Duration], [Duration], [Duration]) = ([], [], [])
    // Namespaces are expensive: 200 samples suffice.
    let count = min(guests, 200)
    var taps: [EncodedTap] = []
    for number in 0..<count {
      try progress("clones", number, count)
      var tap = try testbed.floor.tap(number)
      namespaces.append(try time { try other.make(number) })
      floor.append(try time { try testbed.floor.make(&tap) })
      taps.append(tap)
      library.append(try time { _ = try testbed.engine.attach(testbed.request(number)) })
    }
    try testbed.floor.gather(taps)
    try testbed.floor.deleteAll()
    _ = try testbed.engine.detachAll(network: testbed.network.name)
    section.add("namespace, veth, NAT", namespaces)
    section.add("floor", floor, to: namespaces, "namespace, veth, NAT")
    section.add("library", library, to: namespaces, "namespace, veth, NAT")
    return section
  }
}
