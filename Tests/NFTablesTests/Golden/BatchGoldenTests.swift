import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import NFTables

@Suite("Bytes of batches")
struct BatchGoldenTests {
  private let guests = NamedSet(Table.ID(.bridge, "t"), "g", .etherAddress)

  @Test("a transaction is a batch with its generation, whose last change asks for an ack")
  func batch() throws {
    var transaction = Transaction(generation: 7)
    transaction.add([Element(.ether(MACAddress(2, 0, 0, 0, 0, 1)))], to: guests)
    transaction.delete(Chain.ID(guests.id.table, "c"))
    let bytes = try golden(
      """
      1c 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00  // NFNL_MSG_BATCH_BEGIN; NLM_F_REQUEST
      00 00 00 0a  // AF_UNSPEC, NFNETLINK_V0, NFNL_SUBSYS_NFTABLES
        08 00 01 00 00 00 00 07  // NFNL_BATCH_GENID
      3c 00 00 00 0c 0a 01 04 00 00 00 00 00 00 00 00  // NFT_MSG_NEWSETELEM; NLM_F_REQUEST, NLM_F_CREATE
      07 00 00 00  // NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  // NFTA_SET_ELEM_LIST_TABLE "t"
        06 00 02 00 67 00 00 00  // NFTA_SET_ELEM_LIST_SET "g"
        18 00 03 80  // NFTA_SET_ELEM_LIST_ELEMENTS
          14 00 01 80  // NFTA_LIST_ELEM
            10 00 01 80  // NFTA_SET_ELEM_KEY
              0a 00 01 00 02 00 00 00 00 01 00 00  // NFTA_DATA_VALUE
      24 00 00 00 05 0a 05 00 00 00 00 00 00 00 00 00  // NFT_MSG_DELCHAIN; NLM_F_REQUEST, NLM_F_ACK
      07 00 00 00  // NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  // NFTA_CHAIN_TABLE "t"
        06 00 03 00 63 00 00 00  // NFTA_CHAIN_NAME "c"
      14 00 00 00 11 00 01 00 00 00 00 00 00 00 00 00  // NFNL_MSG_BATCH_END; NLM_F_REQUEST
      00 00 00 0a  // AF_UNSPEC, NFNETLINK_V0, NFNL_SUBSYS_NFTABLES
      """)
    #expect(Batch(transaction).messages.bytes == bytes)
  }

  @Test("a list of elements too long for one attribute is spread over messages, none lost")
  func longLists() throws {
    let ranges = NamedSet(Table.ID(.inet, "t"), "g", .ipv6Address, flags: .interval)
    let comment = String(repeating: "c", count: UserData.longestComment)
    let elements = (0..<3000).map { number in
      let first = IPv6Address(rawValue: UInt128(number) << 64)
      let last = IPv6Address(rawValue: first.rawValue | 0xffff)
      return Element(.ipv6(first), through: [.ipv6(last)], comment: comment)
    }
    var transaction = Transaction()
    transaction.add(elements, to: ranges)
    let messages = Batch(transaction).messages
    #expect(!messages.isOversized)
    #expect(messages.messages.count > 5)
    var stored: [StoredElement] = []
    for payload in messages.payloads.dropFirst().dropLast() {
      try payload.read { span throws(DecodingFailure) in
        try StoredElement.append(from: span, of: ranges, to: &stored)
      }
    }
    #expect(try Element.elements(stored, of: ranges) == elements)
  }

  @Test("destroying a table is for any kernel: made unless it is there, then deleted")
  func destroyTable() {
    var transaction = Transaction()
    transaction.destroy(Table.ID(.inet, "t"))
    let types = Batch(transaction).messages.types
    #expect(types == [0x10, 0x0a00, 0x0a02, 0x11])
  }

  @Test("a failure that answers for the batch, or for a message that was not sent, is told as the whole change")
  func explanation() {
    var transaction = Transaction()
    transaction.delete(Chain.ID(Table.ID(.inet, "t"), "c"))
    let batch = Batch(transaction)
    for index in [0, 2, 3, Int.max] {
      let failure = KernelError(operation: "", errno: .restart, index: index)
      #expect(batch.explain(failure).operation == "change the ruleset (one operation)")
    }
    #expect(batch.explain(KernelError(operation: "", errno: .busy, index: 1)).operation == "delete chain inet t c")
  }
}

extension MessageBuffer {
  /// What follows the header of each message.
  var payloads: [[UInt8]] {
    zip(messages, messages.dropFirst().map(\.offset) + [bytes.count]).map { Array(bytes[($0.offset + 16)..<$1]) }
  }

  /// The type of each message.
  fileprivate var types: [UInt16] {
    messages.map { UInt16(bytes[$0.offset + 4]) | UInt16(bytes[$0.offset + 5]) << 8 }
  }
}
