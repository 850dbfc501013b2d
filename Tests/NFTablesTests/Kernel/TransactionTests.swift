import Glibc
import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import NFTables

@Suite("A transaction", .needsKernel)
struct TransactionTests {
  private static let table = Table(.bridge, "tapestry")
  private static let guests = NamedSet(table.id, "guests", .interfaceName, .etherAddress)

  private static func guest(_ name: String, _ number: UInt8) throws -> Element {
    Element(.interface(try InterfaceName(parsing: name)), .ether(MACAddress(2, 0, 0, 0, 0, number)))
  }

  /// The table with its set.
  private static var base: Transaction {
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(guests)
    return transaction
  }

  @Test("one operation that fails undoes all the others, and is named in the error")
  func atomicity() async throws {
    try await withNamespace { namespace in
      try await namespace.apply(Self.base)
      let before = try await namespace.listRuleset()
      var transaction = Transaction()
      transaction.add([try Self.guest("tap0", 1)], to: Self.guests)
      transaction.delete([try Self.guest("tap1", 1), try Self.guest("tap2", 2)], from: Self.guests)
      transaction.add(Chain(Self.table.id, "late"))
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == .noSuchFile)
      #expect(failure.operation == "delete element bridge tapestry guests { \"tap1\" . 02:00:00:00:00:01 }")
      #expect(try await namespace.listRuleset() == before)
    }
  }

  @Test("of many elements in one message, the error names the one that failed")
  func failingElement() async throws {
    try await withNamespace { namespace in
      try await namespace.apply(Self.base)
      let elements = try (1...200).map { try Self.guest("tap\($0)", UInt8($0)) }
      var transaction = Transaction()
      transaction.add(elements.filter { $0 != elements[150] }, to: Self.guests)
      try await namespace.apply(transaction)
      transaction = Transaction()
      transaction.delete(elements, from: Self.guests)
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == .noSuchFile)
      #expect(failure.operation == "delete element bridge tapestry guests { \(elements[150]) }")
    }
  }

  @Test("computed from another generation of the ruleset it changes nothing, and the error is ERESTART")
  func generation() async throws {
    try await withNamespace { namespace in
      let failure = try await namespace.run {
        var socket = try NFTablesSocket()
        try socket.apply(Self.base)
        let read = try socket.generation()

        var current = Transaction(generation: read)
        current.add([try Self.guest("tap0", 1)], to: Self.guests)
        try socket.apply(current)
        #expect(try socket.generation() != read)

        var stale = Transaction(generation: read)
        stale.destroy(Self.table.id)
        let failure = #expect(throws: KernelError.self) { try socket.apply(stale) }
        // The socket goes on working, and the table is there.
        #expect(try socket.elements(of: Self.guests) == [try Self.guest("tap0", 1)])
        return failure
      }
      #expect(failure?.errno == .restart)
      #expect(failure?.operation == "change the ruleset (one operation)")
    }
  }

  @Test("adding again what is there, and destroying what is not, succeeds")
  func idempotence() async throws {
    try await withNamespace { namespace in
      var transaction = Self.base
      transaction.add(Chain(Self.table.id, "guard", .init(.filter, .prerouting, priority: -300)))
      transaction.add([try Self.guest("tap0", 1)], to: Self.guests)
      try await namespace.apply(transaction)
      let once = try await namespace.listRuleset()
      try await namespace.apply(transaction)
      #expect(try await namespace.listRuleset() == once)

      var away = Transaction()
      away.destroy(Table.ID(.inet, "never"))
      away.destroy(Self.table.id)
      try await namespace.apply(away)
      try await namespace.apply(away)
      #expect(try await namespace.listRuleset().isEmpty)
    }
  }

  @Test("a map keeps the data it has for a key")
  func existing() async throws {
    try await withNamespace { namespace in
      let map = NamedSet(Self.table.id, "outer", .interfaceName, mapsTo: .values([.ipv4Address]))
      let key = Datum.interface(try InterfaceName(parsing: "tap0"))
      var transaction = Self.base
      transaction.add(map)
      transaction.add([Element(key, data: .values([.ipv4(IPv4Address(198, 51, 100, 2))]))], to: map)
      try await namespace.apply(transaction)

      var again = Transaction()
      again.add([Element(key, data: .values([.ipv4(IPv4Address(198, 51, 100, 3))]))], to: map)
      let add = try await #require(throws: KernelError.self) { try await namespace.apply(again) }
      #expect(add.errno == .fileExists)
    }
  }

  @Test("rules are inserted before, added after, and deleted by the handle they were read with")
  func rules() async throws {
    try await withNamespace { namespace in
      try await namespace.run {
        var socket = try NFTablesSocket()
        let chain = Chain(Self.table.id, "guard")
        let (drop, accept) = (Rule(in: chain, .drop), Rule(in: chain, .accept, comment: "first"))
        var transaction = Self.base
        transaction.add(chain)
        transaction.add(drop)
        transaction.insert(accept)
        try socket.apply(transaction)
        let installed = try socket.rules(of: Self.table.id, chain: "guard")
        #expect(installed.map(\.rule) == [accept, drop])

        transaction = Transaction()
        transaction.delete(installed[0])
        try socket.apply(transaction)
        #expect(try socket.rules(of: Self.table.id).map(\.rule) == [drop])

        transaction = Transaction()
        transaction.flush(chain.id)
        transaction.delete(chain.id)
        transaction.delete(Self.guests.id)
        try socket.apply(transaction)
        #expect(try socket.chains(of: [Self.table.id]).isEmpty)
        #expect(try socket.sets(of: Self.table.id).isEmpty)
      }
    }
  }

  @Test("what the kernel finds only when all is in place undoes everything too")
  func loops() async throws {
    try await withNamespace { namespace in
      let (one, two) = (Chain(Self.table.id, "one"), Chain(Self.table.id, "two"))
      let base = Chain(Self.table.id, "base", .init(.filter, .prerouting, priority: 0))
      var transaction = Self.base
      for chain in [one, two, base] { transaction.add(chain) }
      transaction.add(Rule(in: base, .jump("one")))
      transaction.add(Rule(in: one, .jump("two")))
      transaction.add(Rule(in: two, .jump("one")))
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == Errno(rawValue: EMLINK))
      #expect(try await namespace.listRuleset().isEmpty)
    }
  }

  @Test("an operation that cannot be carried out is refused without asking the kernel")
  func refused() async throws {
    try await withNamespace { namespace in
      var transaction = Self.base
      transaction.add([Element(.ipv4(IPv4Address(198, 51, 100, 2)))], to: Self.guests)
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == .invalidArgument)
      #expect(failure.kernelMessage == "the key is not of type ifname . ether_addr")
      #expect(try await namespace.listRuleset().isEmpty)
    }
  }
}
