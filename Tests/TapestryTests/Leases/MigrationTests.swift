import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("A state file of an earlier version")
struct MigrationTests {
  @Test("keeps its networks and leases, which get what was always so")
  func first() throws {
    let directory = try StateDirectory()
    try directory.write([])
    do {
      let database = try Database(openingExisting: directory.file)
      try database.run(sql: "PRAGMA journal_mode = WAL")
      try database.run(sql: Schema.migrations[0])
      try database.run(
        sql: """
          PRAGMA user_version = 1;
          UPDATE boot SET id = 'boot-1';
          INSERT INTO network VALUES
            ('blue', 'bridge', 0x0a090800, 24, 'svbr9', 1500, x'', 0, 1, 0x0a090803, NULL, NULL, NULL, NULL, NULL);
          INSERT INTO lease VALUES
            ('web-1', 'eth0', 'blue', 0x0a090802, 0x020000000001, 'svtap', NULL, NULL, 77, 5, 'active');
          """)
    }
    let store = try SQLiteLeaseStore(path: directory.file, bootID: "boot-1")
    try store.verify()
    let network = try #require(try store.networks().first)
    #expect(network.egress == EgressPolicy())
    #expect(network.hostAccess == .standard)
    #expect(network.subnet6 == nil && !network.nat6)
    let lease = try #require(try store.leases().first)
    #expect(lease.address == IPv4Address(10, 9, 8, 2))
    #expect(lease.egress == EgressPolicy())
    #expect(lease.maxConnections == nil)
    #expect(lease.process == ProcessIdentity(pid: 77, startTime: 5, namespace: nil))
  }
}
