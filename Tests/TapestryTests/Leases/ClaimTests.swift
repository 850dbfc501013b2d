import Glibc
import Testing

@testable import Tapestry

@Suite("Claims")
struct ClaimTests {
  @Test("a claim is made, found again, activated and released")
  func wayOfALease() throws {
    var template = Array("/tmp/tapestry-leases-XXXXXX".utf8CString)
    let directory = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
    let store = try SQLiteLeaseStore(path: "\(directory)/a/b/state.db", bootID: "boot-1")
    let name = try #require(Identifier(rawValue: "default"))
    try store.insert(
      Network(name: name, subnet: try #require(IPv4Subnet("10.9.8.0/29")), bridge: try #require(InterfaceName("svbr0")))
    )
    let key = AttachmentKey(
      vm: try #require(Identifier(rawValue: "web-1")), interface: try #require(Identifier(rawValue: "eth0")))
    let claim = try store.claim(LeaseRequest(key: key), in: name)
    #expect(claim.isNew)
    #expect(claim.lease.address == IPv4Address(10, 9, 8, 2))
    try store.activate(key)
    let again = try store.claim(LeaseRequest(key: key), in: name)
    #expect(!again.isNew)
    #expect(again.lease.state == .active)
    try store.markReleasing(key)
    try store.release(key)
    #expect(try store.leases() == [])
    let second = try SQLiteLeaseStore(path: "\(directory)/a/b/state.db", bootID: "boot-1")
    #expect(try second.claim(LeaseRequest(key: key), in: name).lease.address == IPv4Address(10, 9, 8, 3))
  }
}
