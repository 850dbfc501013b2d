import NetTypes
import Testing

@testable import Tapestry

@Suite("Networks in the store")
struct NetworkStoreTests {
  private let directory: StateDirectory
  private let store: SQLiteLeaseStore

  init() throws {
    directory = try StateDirectory()
    store = try directory.store(subnet: "10.9.8.0/24")
  }

  @Test("a network comes back as it went in, whatever it says")
  func roundTrip() throws {
    let full = Network(
      name: try identifier("A.b_c-d:0"), subnet: try IPv4Subnet(parsing: "128.0.0.0/1"),
      bridge: try InterfaceName(parsing: "br-0.100"), mtu: 9000,
      settings: NetworkSettings(
        allowsInterVM: true, nat: false, dns: [try address("1.1.1.1"), try address("255.0.0.8")]))
    try store.insert(full)
    #expect(try store.network(named: full.name) == full)
    #expect(try directory.store().networks() == [full, network(subnet: "10.9.8.0/24")])
    #expect(try store.network(named: identifier("a.b_c-d:0")) == nil)
  }

  @Test("a second network of the same name is refused, and says what the first is")
  func sameName() throws {
    let error = expect(.networkExists) { try store.insert(network(subnet: "10.1.0.0/24", bridge: "br1")) }
    #expect(error?.message.contains("10.9.8.0/24") == true)
  }

  @Test("a bridge serves one network only")
  func sameBridge() throws {
    let error = expect(.networkExists) { try store.insert(network("other", subnet: "10.1.0.0/24")) }
    #expect(error?.message.contains("Bridge 'svbr0' already belongs to network 'default'") == true)
  }

  @Test(
    "a subnet that overlaps another network's is refused, and names it",
    arguments: ["10.9.8.0/24", "10.9.8.128/25", "10.9.0.0/16", "0.0.0.0/1", "10.9.8.252/30"])
  func overlap(subnet: String) throws {
    let error = expect(.subnetOverlap) { try store.insert(network("other", subnet: subnet, bridge: "br1")) }
    #expect(error?.message.contains("10.9.8.0/24 of network 'default'") == true)
    #expect(try store.networks().count == 1)
  }

  @Test("subnets may touch", arguments: ["10.9.7.0/24", "10.9.9.0/24"])
  func adjacent(subnet: String) throws {
    try store.insert(network("other", subnet: subnet, bridge: "br1"))
    #expect(try store.networks().count == 2)
  }

  @Test("a network with attachments is not removed: the error counts them and says what to do")
  func inUse() throws {
    try store.claim("web-1/eth0")
    let one = expect(.networkInUse) { try store.removeNetwork(named: .default) }
    #expect(one?.message.contains("1 attachment:") == true)
    #expect(one?.remedies == [.detachAll(network: "default")])
    try store.claim("web-2/eth0")
    let two = expect(.networkInUse) { try store.removeNetwork(named: .default) }
    #expect(two?.message.contains("2 attachments:") == true)
    #expect(try store.networks().count == 1)
  }

  @Test("a network that is made again starts anew: nothing of the first is remembered")
  func anew() throws {
    try store.claim("web-1/eth0")
    try store.end("web-1/eth0")
    _ = try store.reserveAddress(in: .default)
    #expect(try store.removeNetwork(named: .default))
    #expect(try store.networks() == [])
    #expect(try store.reservations() == [])
    try store.insert(network())
    #expect(try store.claim("web-1/eth0").lease.address == address("10.9.8.2"))
    try store.verify()
  }
}
