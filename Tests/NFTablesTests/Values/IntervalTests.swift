import NetTypes
import TestKit
import Testing

@testable import NFTables

@Suite("Ranges in sets")
struct IntervalTests {
  private static let addresses = NamedSet(Table.ID(.inet, "t"), "s", .ipv4Address, flags: .interval)
  private static let services = NamedSet(Table.ID(.inet, "t"), "s", .ipv4Address, .inetService, flags: .interval)

  private func roundTrip(_ elements: [Element], _ set: NamedSet) throws -> [Element] {
    try Element.elements(elements.flatMap { StoredElement.parts(of: $0, in: set) }, of: set)
  }

  @Test("a range is stored as its first key and the one after its last, like nft")
  func parts() throws {
    let parts = StoredElement.parts(of: Element(try IPv4Prefix(parsing: "198.51.100.0/24")), in: Self.addresses)
    #expect(parts.map(\.key) == [[198, 51, 100, 0], [198, 51, 101, 0]])
    #expect(parts.map(\.flags.rawValue) == [0, 1])
  }

  @Test("the range up to the last key there is has no end, and nft's note of that is no part of it")
  func openRange() throws {
    let element = Element(try IPv4Prefix(parsing: "255.255.255.0/24"), comment: "last")
    let parts = StoredElement.parts(of: element, in: Self.addresses)
    #expect(parts.map(\.key) == [[255, 255, 255, 0]])
    // NFTNL_UDATA_SET_ELEM_COMMENT, and NFTNL_UDATA_SET_ELEM_FLAGS with SET_ELEM_F_INTERVAL_OPEN.
    #expect(parts[0].element.userData.bytes == [0, 5] + Array("last".utf8) + [0, 1, 4, 1, 0, 0, 0])
    #expect(try roundTrip([element], Self.addresses) == [element])
  }

  @Test("ranges that touch stay two, whatever the order in which the kernel gives their parts")
  func adjacent() throws {
    let elements = [
      Element(try IPv4Prefix(parsing: "198.51.100.0/25"), comment: "lower"),
      Element(try IPv4Prefix(parsing: "198.51.100.128/25"), comment: "upper"),
      Element(.ipv4(IPv4Address(203, 0, 113, 9))),
    ]
    let parts = elements.flatMap { StoredElement.parts(of: $0, in: Self.addresses) }
    #expect(try Element.elements(parts.reversed(), of: Self.addresses) == elements)
    #expect(try Element.elements(parts, of: Self.addresses) == elements)
  }

  @Test("ranges of concatenations have both ends in one element, a key alone too")
  func concatenated() throws {
    let range = Element(
      key: [.ipv4(IPv4Address(198, 51, 100, 0)), .port(80)], through: [.ipv4(IPv4Address(198, 51, 100, 9)), .port(90)])
    let parts = StoredElement.parts(of: range, in: Self.services)
    #expect(parts.map(\.key) == [[198, 51, 100, 0, 0, 80, 0, 0]])
    #expect(parts.map(\.keyEnd) == [[198, 51, 100, 9, 0, 90, 0, 0]])
    let alone = Element(.ipv4(IPv4Address(203, 0, 113, 9)), .port(443))
    #expect(StoredElement.parts(of: alone, in: Self.services)[0].keyEnd == [203, 0, 113, 9, 1, 187, 0, 0])
    #expect(try roundTrip([range, alone], Self.services) == [range, alone])
  }

  @Test("any set of ranges that do not overlap is put back together")
  func property() throws {
    var random = SeededGenerator(seed: 0x6e66_7461_626c_6573)
    for _ in 0..<300 {
      // At either end of all addresses; of the gaps between neighbouring bounds, some are ranges.
      let base = Bool.random(using: &random) ? 0 : UInt32.max - 200
      let bounds = Set((0..<40).map { _ in base + UInt32.random(in: 0...200, using: &random) }).sorted()
      var elements: [Element] = []
      for (first, next) in zip(bounds, bounds.dropFirst()) where Bool.random(using: &random) {
        let last = next == UInt32.max ? next : next - 1
        elements.append(
          Element(
            .ipv4(IPv4Address(rawValue: first)), through: [.ipv4(IPv4Address(rawValue: last))],
            comment: Bool.random(using: &random) ? "from \(first)" : nil))
      }
      let parts = elements.flatMap { StoredElement.parts(of: $0, in: Self.addresses) }.shuffled(using: &random)
      #expect(try Element.elements(parts, of: Self.addresses) == elements)
    }
  }
}
