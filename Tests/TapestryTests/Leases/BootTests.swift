import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("After another boot")
struct BootTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  @Test("leases and reservations of an earlier boot are released, sysctls forgotten, and networks stay")
  func boot() throws {
    do {
      let store = try directory.store(subnet: "10.9.8.0/29")
      try store.claim("b/eth0")
      try store.claim("a/eth0")
      try store.end("b/eth0")
      _ = try store.reserveAddress(in: .default)
      try store.activate(key("a/eth0"))
      try store.rememberSysctl(.ipv4Forward, value: "0")
    }
    let store = try directory.store(boot: "boot-2")
    #expect(try store.leases() == [])
    #expect(try store.reservations() == [])
    #expect(try store.rememberedSysctls() == [])
    #expect(try store.networks() == [network()])
    try store.verify()
    // They wait behind those released before them.
    let next = try (0..<5).map { try store.claim("next-\($0)/eth0").lease.address.description }
    #expect(next == ["10.9.8.5", "10.9.8.6", "10.9.8.2", "10.9.8.3", "10.9.8.4"])
  }

  @Test("within a boot nothing is released, however often the store is opened")
  func same() throws {
    try directory.store(subnet: "10.9.8.0/29").claim("a/eth0")
    for _ in 0..<3 { #expect(try directory.store().leases().count == 1) }
  }

  @Test("the boot that counts is the kernel's, where no other is named")
  func kernel() throws {
    let store = try SQLiteLeaseStore(path: directory.file)
    try store.insert(network())
    try store.claim("a/eth0")
    #expect(try SQLiteLeaseStore(path: directory.file, bootID: Kernel.bootID()).leases().count == 1)
    #expect(try SQLiteLeaseStore(path: directory.file, bootID: "another").leases() == [])
  }

  @Test("of many that open the store first after a boot, one releases, and none what another claimed since")
  func race() async throws {
    try directory.store(subnet: "10.9.0.0/24").claim("old/eth0")
    try await onThreads(8) { [directory] index in
      let store = try directory.store(boot: "boot-2")
      try store.claim("vm-\(index)/eth0")
    }
    let store = try directory.store(boot: "boot-2")
    #expect(try store.leases().count == 8)
    try store.verify()
  }
}
