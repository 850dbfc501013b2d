import NFTables
import TestKit
import Testing

@Suite("Chains of devices", .needsKernel)
struct DeviceTests {
  @Test("an ingress chain of one device, and of several, is written, printed by nft and read back")
  func ingress() async throws {
    let table = Table(.netdev, "taps")
    let one = Chain(table.id, "one", .init(.filter, .ingress, priority: -500, devices: ["lo"]))
    let two = Chain(
      table.id, "two", .init(.filter, .ingress, priority: 700, policy: .drop, devices: ["veth1", "veth0"]))
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
      var transaction = Transaction()
      transaction.add(table)
      transaction.add(one)
      transaction.add(two)
      try await namespace.apply(transaction)
      let chains = try await namespace.run {
        var socket = try NFTablesSocket()
        return try socket.chains(of: table.id)
      }
      #expect(chains == [one, two])
      #expect(two.base?.devices == ["veth0", "veth1"])
      let printed = try await namespace.command("nft", "list", "table", "netdev", "taps")
      #expect(printed.contains("type filter hook ingress device \"lo\" priority -500; policy accept;"))
      #expect(printed.contains("hook ingress devices = { veth0, veth1 } priority 700; policy drop;"))
    }
  }
}
