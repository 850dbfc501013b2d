import NetTypes
import Testing

@testable import Tapestry

@Suite("The way of a lease")
struct LifecycleTests {
  private let directory: StateDirectory
  private let store: SQLiteLeaseStore

  init() throws {
    directory = try StateDirectory()
    store = try directory.store(subnet: "10.9.8.0/29")
  }

  @Test("pending becomes active, then releasing, then nothing")
  func states() throws {
    let web = try key("web-1/eth0")
    #expect(try store.claim("web-1/eth0").lease.state == .pending)
    try store.activate(web)
    #expect(try store.lease(for: web)?.state == .active)
    try store.activate(web)
    #expect(try store.markReleasing(web)?.state == .releasing)
    #expect(try store.markReleasing(web)?.state == .releasing)
    #expect(try store.release(web)?.key == web)
    #expect(try store.lease(for: web) == nil)
  }

  @Test("until it is released, a lease that is being taken down holds all that it has")
  func holds() throws {
    try store.claim("web-1/eth0", mac: "02:00:00:00:00:09")
    try store.markReleasing(key("web-1/eth0"))
    expect(.addressInUse) { try store.claim("web-2/eth0", ip: "10.9.8.2") }
    expect(.addressInUse) { try store.claim("web-2/eth0", mac: "02:00:00:00:00:09") }
    expect(.networkInUse) { try store.removeNetwork(named: .default) }
  }

  @Test("deleting what is gone succeeds, and says that there was nothing")
  func gone() throws {
    #expect(try store.markReleasing([key("web-1/eth0")]) == [])
    #expect(try store.release([key("web-1/eth0")]) == [])
    #expect(try !store.releaseReservation(of: address("10.9.8.2"), in: .default))
    #expect(try !store.removeNetwork(named: identifier("nowhere")))
  }

  @Test("only a lease that is being released ends: one that is pending or active stays")
  func releaseOfLive() throws {
    let web = try key("web-1/eth0")
    try store.claim("web-1/eth0")
    #expect(try store.release(web) == nil)
    try store.activate(web)
    #expect(try store.release(web) == nil)
    #expect(try store.lease(for: web)?.state == .active)
  }

  @Test("a lease whose detach was interrupted is claimed again as it was, and that detach no longer ends it")
  func claimedAgain() throws {
    let lease = try store.claim("web-1/eth0", ip: "10.9.8.5").lease
    try store.activate(lease.key)
    try store.markReleasing(lease.key)
    #expect(try store.claim("web-1/eth0") == LeaseClaim(lease: lease, network: network(), isNew: false))
    #expect(try store.release(lease.key) == nil)
    #expect(try store.lease(for: lease.key) == lease)
  }

  @Test("a lease whose detach was interrupted is not claimed as another")
  func claimedAgainOtherwise() throws {
    try store.claim("web-1/eth0")
    try store.markReleasing(key("web-1/eth0"))
    expect(.attachmentConflict) { try store.claim("web-1/eth0", ip: "10.9.8.6") }
    #expect(try store.lease(for: key("web-1/eth0"))?.state == .releasing)
  }

  @Test("an attach learns that somebody detached it meanwhile, whether that is done or under way")
  func detachedMeanwhile() throws {
    let web = try key("web-1/eth0")
    try store.claim("web-1/eth0")
    try store.markReleasing(web)
    expect(.attachmentConflict) { try store.activate(web) }
    try store.release(web)
    expect(.attachmentNotFound) { try store.activate(web) }
  }

  @Test("many are marked, released and activated in one transaction, in the order they are named")
  func bulk() throws {
    let names = ["c/eth0", "a/eth0", "b/eth0"]
    let keys = try names.map(key)
    for name in names { try store.claim(name) }
    try store.activate(keys)
    #expect(try store.leases().allSatisfy { $0.state == .active })
    #expect(try store.markReleasing(keys + [key("none/eth0")]).map(\.key) == keys)
    #expect(try store.release(keys + keys).map(\.key) == keys)
    #expect(try store.leases() == [])
    // Their addresses wait in the same order.
    let next = try (0..<5).map { try store.claim("next-\($0)/eth0").lease.address.description }
    #expect(next == ["10.9.8.5", "10.9.8.6", "10.9.8.2", "10.9.8.3", "10.9.8.4"])
  }

  @Test("where one of many cannot be activated, none is")
  func bulkAllOrNothing() throws {
    try store.claim("a/eth0")
    expect(.attachmentNotFound) { try store.activate([key("a/eth0"), key("b/eth0")]) }
    #expect(try store.lease(for: key("a/eth0"))?.state == .pending)
  }

  @Test("leases are listed by VM and interface, of a network, of a VM, of both, or all")
  func listed() throws {
    let other = try identifier("other")
    try store.insert(network("other", subnet: "10.1.0.0/24", bridge: "br1"))
    for name in ["b/eth1", "a/eth0", "b/eth0"] { try store.claim(name) }
    _ = try store.claim(LeaseRequest(key: key("b/eth2")), in: other)
    _ = try store.claim(LeaseRequest(key: key("A/eth0")), in: other)
    func names(_ leases: [Lease]) -> [String] { leases.map(\.key.description) }
    #expect(try names(store.leases()) == ["A/eth0", "a/eth0", "b/eth0", "b/eth1", "b/eth2"])
    #expect(try names(store.leases(network: other)) == ["A/eth0", "b/eth2"])
    #expect(try names(store.leases(vm: identifier("b"))) == ["b/eth0", "b/eth1", "b/eth2"])
    #expect(try names(store.leases(network: .default, vm: identifier("b"))) == ["b/eth0", "b/eth1"])
    #expect(try names(store.leases(vm: identifier("c"))) == [])
  }
}
