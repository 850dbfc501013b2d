import Linux
import NetTypes
import SQLite
import Testing

@testable import Tapestry

@Suite("A state file of an earlier version")
struct MigrationTests {
  @Test("keeps its networks and leases, which get what was always so")
  func first() throws {
    let directory = try StateDirectory()
    try directory.write([])
    do {
      let database = try StateDatabase(openingExisting: directory.file)
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
    #expect(network.settings.egress == EgressPolicy())
    #expect(network.settings.hostAccess == .standard)
    #expect(network.subnet6 == nil && !network.nat6)
    let lease = try #require(try store.leases().first)
    #expect(lease.address == IPv4Address(10, 9, 8, 2))
    #expect(lease.settings.egress == EgressPolicy())
    #expect(lease.settings.maxConnections == nil)
    #expect(lease.process == ProcessIdentity(pid: 77, startTime: 5, namespace: nil))
  }

  @Test("keeps the settings of its leases, which were columns of their own")
  func settings() throws {
    let directory = try StateDirectory()
    try directory.write([])
    do {
      let database = try StateDatabase(openingExisting: directory.file)
      try database.run(sql: "PRAGMA journal_mode = WAL")
      for migration in Schema.migrations.prefix(8) { try database.run(sql: migration) }
      try database.run(
        sql: """
          PRAGMA user_version = 8;
          UPDATE boot SET id = 'boot-1';
          INSERT INTO network (name, mode, subnet, prefix_length, bridge, mtu, dns, inter_vm, nat, next_address)
            VALUES ('blue', 'bridge', 0x0a090800, 24, 'svbr9', 1500, x'', 0, 1, 0x0a090803);
          INSERT INTO lease (vm, interface, network, address, mac, tap_name, state, owner_uid, owner_gid, egress,
            rate_limit, max_connections)
            VALUES ('a', 'eth0', 'blue', 0x0a090802, 1, 'sva', 'active', 7, NULL, NULL, NULL, 'none'),
              ('b', 'eth0', 'blue', 0x0a090803, 2, 'svb', 'active', 7, 8, 'none allow 10.0.0.1/32',
                'tx=1mbit,rx=2mbit', NULL),
              ('c', 'eth0', 'blue', 0x0a090804, 3, 'svc', 'active', NULL, NULL, NULL, NULL, NULL);
          """)
    }
    let store = try SQLiteLeaseStore(path: directory.file, bootID: "boot-1")
    try store.verify()
    #expect(
      try store.leases().map(\.settings) == [
        AttachmentSettings(owner: TapOwner(uid: 7), maxConnections: .unlimited),
        AttachmentSettings(
          owner: TapOwner(uid: 7, gid: 8),
          egress: EgressPolicy(
            reach: .nothing, rules: try [Traffic](parsing: "10.0.0.1").map { TrafficRule(.allow, $0) }),
          rateLimit: RateLimit(transmit: 1_000_000, receive: 2_000_000)),
        AttachmentSettings(),
      ])
  }

  @Test("keeps the settings of its networks, which were columns of their own")
  func networkSettings() throws {
    let directory = try StateDirectory()
    try directory.write([])
    do {
      let database = try StateDatabase(openingExisting: directory.file)
      try database.run(sql: "PRAGMA journal_mode = WAL")
      for migration in Schema.migrations.prefix(9) { try database.run(sql: migration) }
      try database.run(
        sql: """
          PRAGMA user_version = 9;
          UPDATE boot SET id = 'boot-1';
          INSERT INTO network (name, mode, subnet, prefix_length, bridge, mtu, dns, inter_vm, nat, next_address, egress,
            host_access, name_server, subnet6, nat6, opens_firewalls, unsettled)
            VALUES
              ('a', 'bridge', 0x0a090800, 24, 'br0', 1500, x'', 0, 1, 0x0a090802, '', 'icmp', NULL, NULL, 0, 1, 0),
              ('b', 'routed', 0x0a090900, 24, 'br1', 1400, x'ff00100a08080404', 1, 0, 0x0a090902,
                'none allow 10.0.0.1/32 domain example.org', '8080/tcp,icmp', '1.1.1.1 9.9.9.9', 'fd00::/64', 1, 0, 1),
              ('c', 'bridge', 0x0a090a00, 24, 'br2', 1500, x'7f000001', 0, 1, 0x0a090a02, 'internet', 'none', '', NULL,
                0, 1, 0);
          """)
    }
    let store = try SQLiteLeaseStore(path: directory.file, bootID: "boot-1")
    try store.verify()
    let policy = EgressPolicy(
      reach: .nothing, rules: try [Traffic](parsing: "10.0.0.1").map { TrafficRule(.allow, $0) },
      domains: [try DomainPattern(parsing: "example.org")])
    #expect(
      try store.networks().map(\.settings) == [
        NetworkSettings(),
        NetworkSettings(
          egress: policy, hostAccess: try HostAccess(parsing: "icmp,8080/tcp"), allowsInterVM: true, nat: false,
          opensFirewalls: false, dns: [IPv4Address(255, 0, 16, 10), IPv4Address(8, 8, 4, 4)],
          nameServer: NameServer(upstreams: [IPv4Address(1, 1, 1, 1), IPv4Address(9, 9, 9, 9)])),
        NetworkSettings(
          egress: EgressPolicy(reach: .internet), hostAccess: .nothing, dns: [IPv4Address(127, 0, 0, 1)],
          nameServer: NameServer()),
      ])
    #expect(try store.networks().map(\.nat6) == [false, true, false])
    #expect(try store.isUnsettled(network: identifier("b")))
  }
}
