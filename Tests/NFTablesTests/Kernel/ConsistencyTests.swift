import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import NFTables

@Suite("Reading while the ruleset changes", .needsKernel)
struct ConsistencyTests {
  private static let table = Table(.inet, "tapestry")
  private static let left = NamedSet(table.id, "left", .ipv4Address)
  private static let right = NamedSet(table.id, "right", .ipv4Address)

  /// Every transaction leaves both sets with the same elements.
  private static func toggle(_ count: Int) throws {
    var socket = try NFTablesSocket()
    for number in 0..<count {
      let element = Element(.ipv4(IPv4Address(rawValue: 0xc633_6400 + UInt32(number % 7))))
      var transaction = Transaction()
      for set in [left, right] {
        transaction.add([element], to: set)
        if number % 2 == 1 { transaction.delete([element], from: set) }
      }
      try socket.apply(transaction)
    }
  }

  private static func contents(_ socket: inout NFTablesSocket) throws(KernelError) -> TableContents? {
    try socket.consistently { socket throws(KernelError) in try socket.contents(of: [table.id]).first }.value
  }

  @Test("a table is read as it was at one moment")
  func oneMoment() async throws {
    try await withNamespace { namespace in
      var transaction = Transaction()
      transaction.add(Self.table)
      transaction.add(Self.left)
      transaction.add(Self.right)
      try await namespace.apply(transaction)

      async let changes: Void = namespace.run { try Self.toggle(2000) }
      let (whole, differing) = try await namespace.run {
        var socket = try NFTablesSocket()
        var (whole, differing) = (0, 0)
        for _ in 0..<200 {
          // On a machine with little to spare it may be that the ruleset never keeps still for long enough.
          guard let contents = try? Self.contents(&socket) else { continue }
          whole += 1
          if contents.elements["left"] != contents.elements["right"] { differing += 1 }
        }
        return (whole, differing)
      }
      try await changes
      #expect(whole > 0)
      #expect(differing == 0)
      let last = try await namespace.run {
        var socket = try NFTablesSocket()
        return try Self.contents(&socket)
      }
      #expect(last?.elements["left"]?.isEmpty == false)
    }
  }

  @Test("a table that is not there is read as none, its sets are ENOENT")
  func missing() async throws {
    try await withNamespace { namespace in
      try await namespace.run {
        var socket = try NFTablesSocket()
        #expect(try Self.contents(&socket) == nil)
        #expect(try socket.tables(.bridge).isEmpty)
        #expect(try socket.chains(of: [Self.table.id]).isEmpty)
        #expect(try socket.rules(of: Self.table.id).isEmpty)
        let sets = #expect(throws: KernelError.self) { try socket.sets(of: Self.table.id) }
        let elements = #expect(throws: KernelError.self) { try socket.elements(of: Self.left) }
        for failure in [sets, elements] { #expect(failure?.errno == .noSuchFile) }
      }
    }
  }
}
