import Linux
import NFTables
import NetTypes
import Netlink
import TestKit
import Testing

@Suite("A stateful object", .needsKernel)
struct StatefulObjectTests {
  private static let table = Table(.inet, "tapestry")
  private static let rates = NamedSet(table.id, "rates", .interfaceName, mapsTo: .objects(.limit))

  private static func limit(_ name: String, rate: UInt64, burst: UInt32 = 5) -> StatefulObject {
    StatefulObject(table.id, name, .limit(Limit(rate: rate, burst: burst, isInverted: true)))
  }

  private static func element(_ name: String, _ object: String?) throws -> Element {
    Element(.interface(try InterfaceName(parsing: name)), data: object.map { .object($0) })
  }

  /// The table with a limit that an element of the map uses.
  private static func base() throws -> Transaction {
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(limit("web-1", rate: 10))
    transaction.add(rates)
    transaction.add([try element("tap0", "web-1")], to: rates)
    return transaction
  }

  private func objects(_ namespace: TestNamespace) async throws -> [StatefulObject] {
    try await namespace.run {
      var socket = try NFTablesSocket()
      return try socket.contents(of: [Self.table.id])[0].objects
    }
  }

  @Test("that is there stays as it is when it is added again, and cannot be deleted while it is used")
  func inUse() async throws {
    try await withNamespace { namespace in
      try await namespace.apply(try Self.base())
      var transaction = Transaction()
      transaction.add(Self.limit("web-1", rate: 99))
      try await namespace.apply(transaction)
      #expect(try await objects(namespace) == [Self.limit("web-1", rate: 10)])

      transaction = Transaction()
      transaction.delete(Self.limit("web-1", rate: 10).id)
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == .busy)
      #expect(failure.operation == "delete limit inet tapestry web-1")
    }
  }

  @Test("is replaced with its element in one transaction")
  func replacement() async throws {
    try await withNamespace { namespace in
      try await namespace.apply(try Self.base())
      var transaction = Transaction()
      transaction.delete([try Self.element("tap0", nil)], from: Self.rates)
      transaction.delete(Self.limit("web-1", rate: 10).id)
      transaction.add(Self.limit("web-1", rate: 99))
      transaction.add([try Self.element("tap0", "web-1")], to: Self.rates)
      try await namespace.apply(transaction)
      #expect(try await objects(namespace) == [Self.limit("web-1", rate: 99)])
      let elements = try await namespace.run {
        var socket = try NFTablesSocket()
        return try socket.elements(of: Self.rates)
      }
      #expect(elements == [try Self.element("tap0", "web-1")])
    }
  }

  @Test("that an element names must be there")
  func missing() async throws {
    try await withNamespace { namespace in
      try await namespace.apply(try Self.base())
      var transaction = Transaction()
      transaction.add([try Self.element("tap1", "web-2")], to: Self.rates)
      let failure = try await #require(throws: KernelError.self) { try await namespace.apply(transaction) }
      #expect(failure.errno == .noSuchFile)
      #expect(failure.operation == "add element inet tapestry rates { \"tap1\" : \"web-2\" }")
    }
  }

  @Test("of a type that this code does not know is read, and told from one of the same name")
  func types() async throws {
    try await withNamespace { namespace in
      try await namespace.load(
        """
        add table inet tapestry
        add counter inet tapestry web-1 { comment "c"; }
        add limit inet tapestry web-1 { rate over 10/second burst 5 packets; }
        """)
      let all = try await objects(namespace)
      #expect(Set(all.map(\.kind.type)) == [.counter, .limit])
      #expect(all.allSatisfy { $0.name == "web-1" && $0.unknown.isEmpty })
      #expect(all.filter { $0.kind.type == .limit } == [Self.limit("web-1", rate: 10)])
      #expect(all.filter { $0.kind.type == .counter }.map(\.comment) == ["c"])

      // What was read can be written again.
      var transaction = Transaction()
      transaction.destroy(Self.table.id)
      transaction.add(Self.table)
      for object in all { transaction.add(object) }
      try await namespace.apply(transaction)
      #expect(try await objects(namespace) == all)
    }
  }

  @Test("limits what comes in by the interface that the map has it for, and nothing else")
  func drops() async throws {
    try await withNamespaces { host, outside in
      for (name, number) in [("tap0", 0), ("tap1", 1)] {
        try await host.connect(
          .init(name, "198.51.100.\(1 + 128 * number)/25"), to: outside,
          .init("out\(number)", "198.51.100.\(2 + 128 * number)/25"))
      }
      let chain = Chain(Self.table.id, "input", .init(.filter, .input, priority: 0))
      var transaction = Transaction()
      transaction.add(Self.table)
      // No packet more for six minutes.
      let limit = Limit(rate: 10, perSeconds: 3600, burst: 3, isInverted: true)
      transaction.add(StatefulObject(Self.table.id, "web-1", .limit(limit)))
      transaction.add(Self.rates)
      transaction.add([try Self.element("tap0", "web-1")], to: Self.rates)
      transaction.add(chain)
      let toPort = Statement.match(.udpDestinationPort, .port(9))
      transaction.add(Rule(in: chain, toPort, .limit(of: .iifname, in: Self.rates), .counter, .drop))
      transaction.add(Rule(in: chain, toPort, .match(.iifname, try Self.element("tap0", nil).key[0]), .counter))
      transaction.add(Rule(in: chain, toPort, .match(.iifname, try Self.element("tap1", nil).key[0]), .counter))
      try await host.apply(transaction)

      let sender = try await UDPSocket(in: outside)
      for _ in 1...10 {
        try sender.send("limited", to: Endpoint(IPv4Address(198, 51, 100, 1), 9))
        try sender.send("free", to: Endpoint(IPv4Address(198, 51, 100, 129), 9))
      }
      // Dropped, passed by tap0, passed by tap1.
      #expect(try await counts(host, total: 20) == [7, 3, 10])
    }
  }

  @Test("that counts bytes lets through at once those of a period and its burst")
  func bytes() async throws {
    try await withNamespace { namespace in
      let limit = Limit(rate: 10_000, perSeconds: 3600, burst: 1000, unit: .bytes, isInverted: true)
      let chain = Chain(Self.table.id, "input", .init(.filter, .input, priority: 0))
      let toPort = Statement.match(.udpDestinationPort, .port(9))
      var transaction = Transaction()
      transaction.add(Self.table)
      transaction.add(StatefulObject(Self.table.id, "web-1", .limit(limit)))
      transaction.add(chain)
      transaction.add(
        Rule(in: chain, toPort, Statement([Expression(.object(.named("web-1", .limit)))]), .counter, .drop))
      transaction.add(Rule(in: chain, toPort, .counter))
      try await namespace.apply(transaction)

      let sender = try await UDPSocket(in: namespace)
      // Of 1000 bytes each, with their headers.
      let text = String(repeating: "x", count: 972)
      for _ in 1...20 { try? sender.send(text, to: Endpoint(IPv4Address(127, 0, 0, 1), 9)) }
      #expect(try await counts(namespace, total: 20) == [9, 11])
    }
  }

  /// What each rule has counted, once it is so much in all.
  private func counts(_ namespace: TestNamespace, total: UInt64) async throws -> [UInt64] {
    var counts: [UInt64] = []
    _ = try await eventually {
      counts = try await namespace.run {
        var socket = try NFTablesSocket()
        return try socket.rules(of: Self.table.id).map { installed in
          installed.rule.expressions.reduce(0) {
            if case .counter(let counter) = $1.kind { $0 + counter.packets } else { $0 }
          }
        }
      }
      return counts.reduce(0, +) >= total
    }
    return counts
  }
}
