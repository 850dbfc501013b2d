import Linux
import NetTypes
import Netlink
import Testing

@testable import NFTables

@Suite("A transaction is checked before it is sent")
struct ValidationTests {
  private static let table = Table(.inet, "t")
  private static let guests = NamedSet(table.id, "guests", .etherAddress, .ipv4Address)
  private static let hosts = NamedSet(table.id, "hosts", .ipv4Address, mapsTo: .values([.ipv4Address]))
  private static let chains = NamedSet(table.id, "chains", .ipv4Address, mapsTo: .verdict)
  private static let rates = NamedSet(table.id, "rates", .ipv4Address, mapsTo: .objects(.limit))
  private static let subnets = NamedSet(table.id, "subnets", .ipv4Address, flags: .interval)
  private static let address = Datum.ipv4(IPv4Address(198, 51, 100, 2))
  private static let mac = Datum.ether(MACAddress(2, 0, 0, 0, 0, 1))
  private static let longText = String(repeating: "x", count: 128)

  struct Case: Sendable, CustomStringConvertible {
    var operation: NFTables.Operation
    var reason: String
    var description: String { reason }
  }

  /// A table with more user data than the kernel accepts.
  private static let noted = {
    var table = Table(.ip, "t")
    table.userData[128] = [UInt8](repeating: 0, count: 255)
    return table
  }()

  static let refused: [Case] = [
    Case(operation: .addElements([Element(address)], guests), reason: "the key is not of type ether_addr . ipv4_addr"),
    Case(
      operation: .addElements([Element(address, mac)], guests), reason: "the key is not of type ether_addr . ipv4_addr"),
    Case(
      operation: .deleteElements([Element(Datum(.ipv4Address, bytes: [1, 2, 3]))], subnets),
      reason: "the key is not of type ipv4_addr"),
    Case(
      operation: .addElements([Element(mac, address, through: [mac, address])], subnets),
      reason: "the key is not of type ipv4_addr"),
    Case(
      operation: .addElements([Element(mac, address, through: [address, mac])], guests),
      reason: "the set lacks the flag interval"),
    Case(
      operation: .addElements([Element(address, through: [mac])], subnets),
      reason: "the last key is not of type ipv4_addr"),
    Case(
      operation: .addElements([Element(address, through: [.ipv4(IPv4Address(198, 51, 100, 1))])], subnets),
      reason: "the range ends before it begins"),
    Case(
      operation: .addElements([Element(address, timeout: 1000)], subnets), reason: "the set lacks the flag timeout"
    ),
    Case(
      operation: .addElements([Element(address, data: .values([address]))], subnets), reason: "the set is not a map"),
    Case(
      operation: .addElements([Element(address, data: .values([mac]))], hosts),
      reason: "the data is not of type ipv4_addr"),
    Case(
      operation: .addElements([Element(address, data: .verdict(.accept))], hosts),
      reason: "the data is not of type ipv4_addr"),
    Case(
      operation: .deleteElements([Element(address, data: .values([address]))], chains),
      reason: "the data is not a verdict"),
    Case(
      operation: .addElements([Element(address, data: .verdict(.accept))], rates),
      reason: "the data is not the name of a limit"),
    Case(
      operation: .addElements([Element(address, data: .object("up"))], chains), reason: "the data is not a verdict"),
    Case(operation: .addElements([Element(address, data: .object("up"))], subnets), reason: "the set is not a map"),
    Case(
      operation: .addObject(StatefulObject(table.id, "up", .limit(Limit(rate: 1, burst: 1)), comment: longText)),
      reason: "the comment is longer than 127 bytes"),
    Case(
      operation: .addElements([Element(address, comment: longText)], subnets),
      reason: "the comment is longer than 127 bytes"),
    Case(operation: .addTable(Table(.ip, "t", comment: longText)), reason: "the comment is longer than 127 bytes"),
    Case(
      operation: .addTable(noted),
      reason: "the user data is longer than 256 bytes"),
    Case(
      operation: .addChain(Chain(Table.ID(.ip, "t"), "c", .init(.filter, .egress, priority: 0))),
      reason: "family ip has no hook egress"),
    Case(
      operation: .addChain(Chain(Table.ID(.ip, "t"), "c", comment: longText)),
      reason: "the comment is longer than 127 bytes"),
    Case(
      operation: .insertRule(Rule(Chain.ID(table.id, "c"), [], comment: longText), before: nil),
      reason: "the comment is longer than 127 bytes"),
    Case(operation: .addSet(NamedSet(table.id, "s")), reason: "a set needs at least one key type"),
    Case(
      operation: .addSet(NamedSet(table.id, "s", .mark, .mark, .mark, .mark, .mark, .mark)),
      reason: "a key has at most 5 parts"),
    Case(
      operation: .addSet(NamedSet(table.id, "s", .mark, mapsTo: .values([]))),
      reason: "the data of a map has 1 to 5 parts"),
    Case(
      operation: .addSet(NamedSet(table.id, "s", .mark, flags: .interval)),
      reason: "the kernel compares bytes, so ranges of values in host byte order do not work"),
    Case(
      operation: .addSet(NamedSet(table.id, "s", .mark, comment: longText)),
      reason: "the comment is longer than 127 bytes"),
  ]

  @Test("an operation that cannot be carried out is found, and named", arguments: refused)
  func refusal(_ item: Case) {
    let good = Transaction([.addTable(Self.table)])
    #expect(throws: Never.self) { try good.validate() }
    let failure = #expect(throws: KernelError.self) {
      try Transaction(good.operations + [item.operation]).validate()
    }
    #expect(failure?.kernelMessage == item.reason)
    #expect(failure?.operation == item.operation.description)
  }

  @Test("of many elements the one that does not fit is named")
  func namesElement() {
    let good = Element(Self.address)
    let bad = Element(Self.mac)
    let failure = #expect(throws: KernelError.self) {
      try Transaction([.addElements([good, bad, good], Self.subnets)]).validate()
    }
    #expect(failure?.operation == "add element inet t subnets { 02:00:00:00:00:01 }")
    #expect(failure?.kernelMessage == "the key is not of type ipv4_addr")
  }

  @Test("what the tests install passes", arguments: Ruleset.all)
  func rulesetsPass(_ ruleset: Ruleset) throws {
    #expect(throws: Never.self) { try ruleset.transaction().validate() }
  }
}
