import NetTypes
import Testing

@testable import Tapestry

@Suite("Which MAC and TAP name an attachment gets")
struct NamingTests {
  private let directory: StateDirectory
  private let store: SQLiteLeaseStore

  init() throws {
    directory = try StateDirectory()
    store = try directory.store(subnet: "10.9.0.0/16")
  }

  @Test("where nothing collides they are the original's")
  func original() throws {
    for (vm, interface) in [("vm-1", "eth0"), ("web", "net0"), ("db-primary", "management")] {
      let lease = try store.claim("\(vm)/\(interface)").lease
      #expect(lease.mac == Identity.mac(vm: vm, interface: interface))
      #expect(lease.tapName.rawValue == Identity.tapName(vm: vm, interface: interface))
    }
  }

  @Test("defect mended: VM ids that share four characters get TAP names of their own")
  func sharedPrefix() throws {
    let names = try (0..<300).map { try store.claim("web-server-\($0)/eth0").lease.tapName.rawValue }
    #expect(names[0] == "svwebseth0")
    #expect(Set(names).count == 300)
    #expect(names.allSatisfy { $0.hasPrefix("svwebs") && $0.utf8.count <= 15 })
  }

  @Test("defect mended: interfaces that share six characters get TAP names of their own")
  func sharedInterfacePrefix() throws {
    let first = try store.claim("vm/management-a").lease.tapName
    let second = try store.claim("vm/management-b").lease.tapName
    #expect(first.rawValue == "svvmmanage")
    #expect(second != first)
  }

  @Test("defect mended: Aa and BB, which hash alike, get MACs of their own")
  func hashCollision() throws {
    let one = try store.claim("Aa/eth0").lease
    let other = try store.claim("BB/eth0").lease
    #expect(one.mac == Identity.mac(vm: "BB", interface: "eth0"))
    #expect(other.mac == Identity.mac(vm: "BB", interface: "eth0", salt: 1))
    #expect(one.mac != other.mac)
  }

  @Test("defect mended: a:b with c, and a with b:c, which are hashed as one text, get MACs of their own")
  func ambiguousText() throws {
    let one = try store.claim("a:b/c").lease
    let other = try store.claim("a/b:c").lease
    #expect(one.mac == Identity.mac(vm: "a", interface: "b:c"))
    #expect(one.mac != other.mac)
    #expect(one.tapName != other.tapName)
  }

  @Test("a taken MAC may be used in another network, where it is the preferred one")
  func otherNetwork() throws {
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "br1"))
    let one = try store.claim("Aa/eth0").lease
    let other = try store.claim(LeaseRequest(key: key("BB/eth0")), in: identifier("other")).lease
    #expect(one.mac == other.mac)
  }

  @Test(
    "every id makes a name that the kernel takes: no colon, 15 bytes at most, a letter first",
    arguments: [
      "a:b/c", "a/b:c", ":/:", "::::/::::::", "-/-", "----/------", "./.", "../..", "_/_", "a.b/c.d",
      String(repeating: ":", count: 64) + "/" + String(repeating: ":", count: 64),
      String(repeating: "x", count: 64) + "/" + String(repeating: "y", count: 64),
    ])
  func legal(text: String) throws {
    let name = try store.claim(text).lease.tapName.rawValue
    #expect(name.hasPrefix("sv"))
    #expect(name.utf8.count <= 15)
    #expect(!name.contains(":") && !name.contains("/") && !name.contains("%"))
  }

  @Test("a name that a link of the host has is passed over, and no name is asked for twice")
  func foreignLink() throws {
    var asked: [InterfaceName] = []
    let claim = try store.claim(LeaseRequest(key: key("web-1/eth0")), in: .default) { name in
      asked.append(name)
      return asked.count > 3
    }
    #expect(asked.count == 4)
    #expect(Set(asked).count == 4)
    #expect(claim.lease.tapName == asked[3])
  }

  @Test("where every name is taken the claim fails, and holds nothing")
  func noName() throws {
    expect(.tapCreateFailed) {
      _ = try store.claim(LeaseRequest(key: key("web-1/eth0")), in: .default) { _ in false }
    }
    #expect(try store.leases() == [])
    #expect(try store.claim("web-1/eth0").lease.address == address("10.9.0.2"))
  }

  @Test("a bridge's name is no TAP's, whichever came first")
  func bridgeName() throws {
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "svweb1eth0"))
    #expect(try store.claim("web-1/eth0").lease.tapName.rawValue != "svweb1eth0")
    let taken = try store.claim("web-2/eth0").lease.tapName.rawValue
    expect(.notOwned) { try store.insert(network("third", subnet: "10.2.0.0/24", bridge: taken)) }
  }

  @Test("a lease whose TAP name is a foreign link's gets another, and keeps the rest")
  func rename() throws {
    let lease = try store.claim("web-1/eth0").lease
    var expected = lease
    let renamed = try store.renameTap(of: lease.key) { _ in true }
    #expect(renamed.tapName != lease.tapName)
    expected.tapName = renamed.tapName
    #expect(renamed == expected)
    #expect(try store.lease(tapName: renamed.tapName) == expected)
    #expect(try store.lease(tapName: lease.tapName) == nil)
    expect(.attachmentNotFound) { _ = try store.renameTap(of: key("web-2/eth0")) { _ in true } }
  }
}
