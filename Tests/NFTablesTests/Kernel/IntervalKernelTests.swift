import Linux
import NFTables
import NetTypes
import Netlink
import TestKit
import Testing

@Suite("Ranges in the kernel", .needsKernel)
struct IntervalKernelTests {
  private static let table = Table(.inet, "tapestry")
  private static let subnets = NamedSet(table.id, "subnets", .ipv4Address, flags: .interval)
  private static let services = NamedSet(table.id, "services", .ipv4Address, .inetService, flags: .interval)

  private static func add(_ elements: [Element], to set: NamedSet) -> Transaction {
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(set)
    transaction.add(elements, to: set)
    return transaction
  }

  private func elements(_ namespace: TestNamespace, _ set: NamedSet = subnets) async throws -> [Element] {
    try await namespace.run {
      var socket = try NFTablesSocket()
      return try socket.elements(of: set)
    }
  }

  @Test("ranges that touch come and go one by one, and adding one again changes nothing")
  func touching() async throws {
    let ranges = try ["198.51.100.0/26", "198.51.100.64/26", "198.51.100.128/25", "255.255.255.0/24", "0.0.0.0/8"].map {
      Element(try IPv4Prefix(parsing: $0))
    }
    let ascending = [ranges[4], ranges[0], ranges[1], ranges[2], ranges[3]]
    try await withNamespace { namespace in
      for range in ranges { try await namespace.apply(Self.add([range], to: Self.subnets)) }
      #expect(try await elements(namespace) == ascending)
      for range in ranges { try await namespace.apply(Self.add([range], to: Self.subnets)) }
      #expect(try await elements(namespace) == ascending)
      var left = ascending
      for range in ranges {
        var transaction = Transaction()
        transaction.delete([range], from: Self.subnets)
        try await namespace.apply(transaction)
        left.removeAll { $0 == range }
        #expect(try await elements(namespace) == left)
      }
    }
  }

  @Test("a range that overlaps another is EEXIST, and changes nothing")
  func overlapping() async throws {
    let one = Element(try IPv4Prefix(parsing: "198.51.100.0/24"))
    let other = Element(.ipv4(IPv4Address(198, 51, 100, 128)), through: [.ipv4(IPv4Address(198, 51, 101, 5))])
    try await withNamespace { namespace in
      try await namespace.apply(Self.add([one], to: Self.subnets))
      let failure = try await #require(throws: KernelError.self) {
        try await namespace.apply(Self.add([other], to: Self.subnets))
      }
      #expect(failure.errno == .fileExists)
      #expect(failure.operation == "add element inet tapestry subnets { 198.51.100.128-198.51.101.5 }")
      #expect(try await elements(namespace) == [one])
    }
  }

  @Test("ranges of concatenations come and go")
  func concatenated() async throws {
    let ranges = (0..<40).map { number in
      let first = IPv4Address(rawValue: 0xc633_6400 + UInt32(number) * 4)
      return Element(
        key: [.ipv4(first), .port(80)], through: [.ipv4(IPv4Address(rawValue: first.rawValue + 3)), .port(90)])
    }
    try await withNamespace { namespace in
      try await namespace.apply(Self.add(ranges, to: Self.services))
      #expect(try await elements(namespace, Self.services) == ranges)
      var transaction = Transaction()
      transaction.delete(Array(ranges[1...]), from: Self.services)
      try await namespace.apply(transaction)
      #expect(try await elements(namespace, Self.services) == [ranges[0]])
    }
  }

  @Test("the element for all other keys is written and read back")
  func catchAll() async throws {
    let map = NamedSet(Self.table.id, "verdicts", .interfaceName, mapsTo: .verdict)
    let all = Element(key: [], data: .verdict(.drop))
    let tap = Element(.interface(try InterfaceName(parsing: "tap0")), data: .verdict(.accept))
    try await withNamespace { namespace in
      try await namespace.apply(Self.add([all, tap], to: map))
      #expect(try await elements(namespace, map) == [all, tap])
      let printed = try await namespace.command("nft", "list", "map", "inet", "tapestry", "verdicts")
      #expect(printed.contains("* : drop"))
    }
  }
}
