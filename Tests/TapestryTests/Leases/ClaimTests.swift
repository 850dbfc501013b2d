import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("What a claim holds")
struct ClaimTests {
  private let store: SQLiteLeaseStore

  private let directory: StateDirectory

  init() throws {
    directory = try StateDirectory()
    store = try directory.store(subnet: "10.9.8.0/24")
  }

  @Test("a new claim is pending, has all it asked for, and is there for others to read")
  func new() throws {
    let request = LeaseRequest(
      key: try key("web-1/eth0"), address: try address("10.9.8.77"), mac: MACAddress(0x02, 0, 0, 0, 0, 9),
      settings: .init(owner: TapOwner(uid: 1000, gid: 4_294_967_295)),
      process: ProcessIdentity(pid: 42, startTime: .max))
    let claim = try store.claim(request, in: .default)
    #expect(claim.isNew)
    #expect(claim.network == (try network(subnet: "10.9.8.0/24")))
    let expected = Lease(
      key: request.key, network: .default, address: try address("10.9.8.77"), mac: MACAddress(0x02, 0, 0, 0, 0, 9),
      tapName: try InterfaceName(parsing: "svweb1eth0"), settings: .init(owner: request.settings.owner),
      process: request.process, state: .pending)
    #expect(claim.lease == expected)
    #expect(try directory.store().leases() == [expected])
  }

  @Test("the same claim again is the same lease, pending or active")
  func idempotent() throws {
    let first = try store.claim("web-1/eth0")
    let again = try store.claim("web-1/eth0", ip: "10.9.8.2", mac: first.lease.mac.description)
    #expect(again == LeaseClaim(lease: first.lease, network: first.network, isNew: false))
    try store.activate(key("web-1/eth0"))
    let active = try store.claim("web-1/eth0")
    #expect(!active.isNew)
    #expect(active.lease.state == .active)
    #expect(try store.leases().count == 1)
  }

  @Test("a claim that asks for something else than is held is refused, says all that differs, and changes nothing")
  func conflict() throws {
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "br1"))
    let held = try store.claim("web-1/eth0").lease
    let request = LeaseRequest(
      key: held.key, address: try address("10.9.8.9"), mac: MACAddress(0x02, 0, 0, 0, 0, 9),
      settings: .init(owner: TapOwner(uid: 1000, gid: 100)), process: ProcessIdentity(pid: 1, startTime: 1))
    let error = expect(.attachmentConflict) { _ = try store.claim(request, in: identifier("other")) }
    for words in [
      "Attachment web-1/eth0", "is in network 'default', not 'other'", "has address 10.9.8.2, not 10.9.8.9",
      "has MAC \(held.mac), not 02:00:00:00:00:09", "has no owner, not '1000:100'",
    ] {
      #expect(error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
    #expect(error?.remedies == [.detach(vmID: "web-1", interfaceID: "eth0")])
    #expect(try store.leases() == [held])
  }

  @Test("each difference alone is a conflict", arguments: 0..<4)
  func conflicts(which: Int) throws {
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "br1"))
    let owned = LeaseRequest(key: try key("web-1/eth0"), settings: .init(owner: TapOwner(uid: 7)))
    _ = try store.claim(owned, in: .default)
    var request = LeaseRequest(key: owned.key)
    if which == 1 { request.address = try address("10.9.8.3") }
    if which == 2 { request.mac = MACAddress(0x02, 0, 0, 0, 0, 9) }
    if which == 3 { request.settings.owner = TapOwner(uid: 7, gid: 7) }
    let error = expect(.attachmentConflict) {
      _ = try store.claim(request, in: which == 0 ? identifier("other") : .default)
    }
    if which == 3 { #expect(error?.message.contains("has owner '7', not '7:7'") == true) }
    #expect(try !store.claim(owned, in: .default).isNew)
  }

  @Test("a claim for another process ties the lease to that one; a claim for none leaves it tied")
  func process() throws {
    let first = ProcessIdentity(pid: 10, startTime: 1000)
    let second = ProcessIdentity(pid: 11, startTime: 2000, namespace: PIDNamespace(device: 4, inode: .max))
    var request = LeaseRequest(key: try key("web-1/eth0"), process: first)
    _ = try store.claim(request, in: .default)
    request.process = second
    #expect(try store.claim(request, in: .default).lease.process == second)
    #expect(try store.claim("web-1/eth0").lease.process == second)
    try store.setProcess(nil, of: request.key)
    #expect(try store.lease(for: request.key)?.process == nil)
    expect(.attachmentNotFound) { try store.setProcess(first, of: key("web-2/eth0")) }
  }

  @Test("a network that is not there is NETWORK_NOT_FOUND, and says how to create it")
  func noNetwork() throws {
    let error = expect(.networkNotFound) {
      _ = try store.claim(LeaseRequest(key: key("web-1/eth0")), in: identifier("prod"))
    }
    #expect(error?.remedies == [.createNetwork(name: "prod")])
  }

  @Test(
    "a MAC that no interface can have is refused",
    arguments: ["00:00:00:00:00:00", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01"])
  func illegalMAC(mac: String) throws {
    expect(.invalidMAC) { try store.claim("web-1/eth0", mac: mac) }
    #expect(try store.leases() == [])
    #expect(try store.claim("web-1/eth0").lease.address == address("10.9.8.2"))
  }

  @Test("a MAC that another guest of the network has is refused, and its holder named; another network may use it")
  func takenMAC() throws {
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "br1"))
    try store.claim("web-1/eth0", mac: "52:54:00:00:00:01")
    let error = expect(.addressInUse) { try store.claim("web-2/eth0", mac: "52:54:00:00:00:01") }
    #expect(error?.message.contains("52:54:00:00:00:01 is held by web-1/eth0") == true)
    let request = LeaseRequest(key: try key("web-2/eth0"), mac: MACAddress(0x52, 0x54, 0, 0, 0, 1))
    #expect(try store.claim(request, in: identifier("other")).isNew)
  }

  @Test("a preview shows what would be, and nothing of it remains")
  func preview() throws {
    let claim = try store.preview { () throws(TapestryError) in
      try store.claim(LeaseRequest(key: AttachmentKey(vm: .default, interface: .default)), in: .default)
    }
    #expect(claim.isNew)
    #expect(try store.leases() == [])
    expect(.networkNotFound) {
      try store.preview { () throws(TapestryError) in
        _ = try store.claim(LeaseRequest(key: claim.lease.key), in: Identifier(known: "nowhere"))
      }
    }
    #expect(try store.claim("web-1/eth0").lease.address == claim.lease.address)
  }
}
