import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Room that is kept for taking down", .needsKernel)
struct ReserveTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  private static func size(_ path: String) -> Int64 {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
  }

  @Test("a thousand guests are taken down on a full disk, by processes that open the file anew, and nobody is attached")
  func takingDown() async throws {
    try await directory.onFileSystem("mode=700,size=8m") { path in
      let file = path + "/state.db"
      let keys = try (0..<1000).map { try key("vm-\($0)/eth0") }
      do {
        let store = try SQLiteLeaseStore(path: file, bootID: "boot-1")
        try store.insert(network(subnet: "10.9.0.0/16"))
        for number in 0..<1000 { try store.claim("vm-\(number)/eth0") }
        try store.publish([PublishedPort(hostPort: 80, guestPort: 80)], to: keys[0])
        try store.activate(keys)
        try store.rememberSysctl(.ipv4Forward, value: "0")
      }
      #expect(Self.size(file + ".reserve") >= 128 << 10)
      try StateDirectory.fill(path + "/filler")

      let full = expect(.stateUnavailable) {
        try SQLiteLeaseStore(path: file, bootID: "boot-1").claim("another/eth0")
      }
      #expect(full?.cause?.errno == ENOSPC)
      let open = { try SQLiteLeaseStore(path: file, bootID: "boot-1") }
      _ = try open().update(network: .default) { network in
        var settings = network.settings
        settings.egress.reach = .internet
        return settings
      }
      try open().update(keys) { lease in
        var settings = lease.settings
        settings.egress.reach = .internet
        return settings
      }
      try open().unpublish([PublishedPort(hostPort: 80, guestPort: 80)], from: keys[0])
      #expect(try open().markReleasing(keys).count == 1000)
      #expect(try open().release(keys).count == 1000)
      try open().forgetSysctls(nil)
      try open().removeNetwork(named: .default)
      try open().verify()
      #expect(try open().networks() == [])

      let filler = path + "/filler"
      #expect(unsafe truncate(filler, 0) == 0)
      let store = try open()
      try store.insert(network())
      #expect(Self.size(file + ".reserve") >= 128 << 10)
    }
  }

  @Test("where there is none nothing is made, and the error says so")
  func noRoom() async throws {
    try await directory.onFileSystem("mode=700,size=160k") { path in
      let store = try SQLiteLeaseStore(path: path + "/state.db", bootID: "boot-1")
      let error = expect(.stateUnavailable) { try store.insert(network()) }
      #expect(error?.cause?.errno == ENOSPC)
      #expect(error?.message.contains("could not be removed again") == true, "\(error?.message ?? "")")
      #expect(try store.networks() == [])
      try store.verify()
    }
  }
}
