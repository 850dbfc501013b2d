import Linux
import NFTables
import NetTypes
import Netlink
import TestKit
import Testing

@Suite("Twenty thousand elements", .needsKernel)
struct ManyElementsTests {
  private static let count = 20_000

  private static func guests() throws -> [Element] {
    try (0..<count).map { number in
      let low = (UInt8(number >> 8), UInt8(number & 0xff))
      return Element(
        .interface(try InterfaceName(parsing: "tap\(number)")), .ether(MACAddress(2, 0, 0, 0, low.0, low.1)),
        .ipv4(IPv4Address(198, 18, low.0, low.1)), comment: "guest \(number)")
    }
  }

  @Test("go in with one transaction, are read back, and go out with one")
  func many() async throws {
    let table = Table(.bridge, "tapestry")
    let set = NamedSet(table.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
    let elements = try Self.guests()
    try await withNamespace { namespace in
      try await namespace.run {
        var socket = try NFTablesSocket()
        var transaction = Transaction()
        transaction.add(table)
        transaction.add(set)
        transaction.add(elements, to: set)
        try socket.apply(transaction)
        let read = try socket.elements(of: set)
        #expect(read.count == Self.count)
        #expect(Set(read) == Set(elements))

        transaction = Transaction()
        transaction.delete(elements, from: set)
        try socket.apply(transaction)
        #expect(try socket.elements(of: set).isEmpty)
      }
    }
  }

  @Test("with one bad one among them change nothing")
  func oneBad() async throws {
    let table = Table(.bridge, "tapestry")
    let set = NamedSet(table.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
    let elements = try Self.guests()
    try await withNamespace { namespace in
      try await namespace.run {
        var socket = try NFTablesSocket()
        var transaction = Transaction()
        transaction.add(table)
        transaction.add(set)
        transaction.add(elements, to: set)
        transaction.delete([Element(key: elements[0].key), Element(key: elements[0].key)], from: set)
        let failure = #expect(throws: KernelError.self) { try socket.apply(transaction) }
        #expect(failure?.errno == .noSuchFile)
        #expect(try socket.tables().isEmpty)
      }
    }
  }

  @Test("that all fail are one error, and the socket goes on working")
  func allBad() async throws {
    let table = Table(.bridge, "tapestry")
    try await withNamespace { namespace in
      try await namespace.run {
        var socket = try NFTablesSocket()
        // A message each, so an answer each: more than the socket's queue holds.
        var transaction = Transaction()
        for number in 0..<Self.count { transaction.delete(Chain.ID(table.id, "chain\(number)")) }
        let failure = #expect(throws: KernelError.self) { try socket.apply(transaction) }
        #expect(failure?.errno == .noSuchFile)
        #expect(failure?.operation == "delete chain bridge tapestry chain0")
        transaction = Transaction()
        transaction.add(table)
        try socket.apply(transaction)
        #expect(try socket.tables() == [table])
      }
    }
  }
}
