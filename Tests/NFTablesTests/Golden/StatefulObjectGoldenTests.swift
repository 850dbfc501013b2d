import NetTypes
import Netlink
import TestKit
import Testing

@testable import NFTables

@Suite("Bytes of stateful objects")
struct StatefulObjectGoldenTests {
  private let table = Table.ID(.inet, "t")
  private let map = NamedSet(Table.ID(.inet, "t"), "rates", .interfaceName, mapsTo: .objects(.limit))

  private func encode(_ body: (inout MessageBuffer) -> Void) -> [UInt8] {
    var buffer = MessageBuffer()
    body(&buffer)
    return buffer.bytes
  }

  private func object(_ attributes: [UInt8]) throws -> StatefulObject {
    try ([Family.inet.rawValue, 0, 0, 0] + attributes).read { span throws(DecodingFailure) in
      try StatefulObject(decoding: span)
    }
  }

  @Test("a limit is encoded as nft does, and decoded")
  func limit() throws {
    let bytes = try golden(
      """
      06 00 01 00 74 00 00 00  // NFTA_OBJ_TABLE "t"
      07 00 02 00 75 70 00 00  // NFTA_OBJ_NAME "up"
      08 00 03 00 00 00 00 04  // NFTA_OBJ_TYPE: NFT_OBJECT_LIMIT
      0c 00 08 00 00 06 77 65 62 2d 31 00  // NFTA_OBJ_USERDATA: comment "web-1"
      34 00 04 80  // NFTA_OBJ_DATA
        0c 00 01 00 00 00 00 00 00 01 e8 48  // NFTA_LIMIT_RATE
        0c 00 02 00 00 00 00 00 00 00 00 01  // NFTA_LIMIT_UNIT
        08 00 03 00 00 01 00 00  // NFTA_LIMIT_BURST
        08 00 04 00 00 00 00 01  // NFTA_LIMIT_TYPE: NFT_LIMIT_PKT_BYTES
        08 00 05 00 00 00 00 01  // NFTA_LIMIT_FLAGS: NFT_LIMIT_F_INV
      """)
    let limit = Limit(rate: 125_000, burst: 65_536, unit: .bytes, isInverted: true)
    let up = StatefulObject(table, "up", .limit(limit), comment: "web-1")
    #expect(encode { up.encode(into: &$0) } == bytes)
    #expect(try object(bytes) == up)
    let kernel = try golden(
      """
      0c 00 06 00 00 00 00 00 00 00 00 02  // NFTA_OBJ_HANDLE
      08 00 05 00 00 00 00 03  // NFTA_OBJ_USE
      """)
    #expect(try object(bytes + kernel) == up)
  }

  @Test("what this code does not know survives, and is no part of the normal form")
  func unknown() throws {
    let head = try golden("06 00 01 00 74 00 00 00  07 00 02 00 71 61 00 00")
    // A quota of 5 bytes, which only the kernel knows.
    let quota = try golden(
      """
      08 00 03 00 00 00 00 02  // NFTA_OBJ_TYPE: NFT_OBJECT_QUOTA
      10 00 04 80  // NFTA_OBJ_DATA
        0c 00 01 00 00 00 00 00 00 00 00 05  // NFTA_QUOTA_BYTES
      """)
    let read = try object(head + quota)
    #expect(read.id == StatefulObject.ID(table, .quota, "qa"))
    #expect(read.kind == .other(.quota, data: [12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5]))
    #expect(encode { read.encode(into: &$0) } == head + quota)

    // A limit of a unit to come.
    let strange = try golden(
      """
      08 00 03 00 00 00 00 04  // NFTA_OBJ_TYPE: NFT_OBJECT_LIMIT
      24 00 04 80  // NFTA_OBJ_DATA
        0c 00 01 00 00 00 00 00 00 00 00 05  // NFTA_LIMIT_RATE
        0c 00 02 00 00 00 00 00 00 00 00 01  // NFTA_LIMIT_UNIT
        08 00 04 00 00 00 00 63  // NFTA_LIMIT_TYPE
      """)
    let other = try object(head + strange)
    #expect(other.kind == .other(.limit, data: Array(strange.dropFirst(12))))
    #expect(encode { other.encode(into: &$0) } == head + strange)

    let limit = try golden(
      """
      08 00 03 00 00 00 00 04  // NFTA_OBJ_TYPE: NFT_OBJECT_LIMIT
      3c 00 04 80  // NFTA_OBJ_DATA
        0c 00 01 00 00 00 00 00 00 00 00 05  // NFTA_LIMIT_RATE
        0c 00 02 00 00 00 00 00 00 00 00 01  // NFTA_LIMIT_UNIT
        08 00 03 00 00 00 00 05  // NFTA_LIMIT_BURST
        08 00 04 00 00 00 00 00  // NFTA_LIMIT_TYPE
        08 00 05 00 00 00 00 00  // NFTA_LIMIT_FLAGS
        08 00 63 00 00 00 00 07  // of a kernel to come
      08 00 62 00 00 00 00 07  // of a kernel to come
      """)
    let extended = try object(head + limit)
    #expect(extended.unknown.map(\.type) == [0x62])
    #expect(extended.unknownData.map(\.type) == [0x63])
    #expect(extended.normalForm == StatefulObject(table, "qa", .limit(Limit(rate: 5, burst: 5))))
    #expect(encode { extended.encode(into: &$0) } == head + limit)
  }

  @Test("a map of limits is encoded as nft does, and decoded")
  func objectMap() throws {
    let bytes = try golden(
      """
      06 00 01 00 74 00 00 00  // NFTA_SET_TABLE "t"
      0a 00 02 00 72 61 74 65 73 00 00 00  // NFTA_SET_NAME "rates"
      08 00 03 00 00 00 00 40  // NFTA_SET_FLAGS: NFT_SET_OBJECT
      08 00 04 00 00 00 00 29  // NFTA_SET_KEY_TYPE: 41 ifname
      08 00 05 00 00 00 00 10  // NFTA_SET_KEY_LEN
      08 00 0f 00 00 00 00 04  // NFTA_SET_OBJ_TYPE: NFT_OBJECT_LIMIT
      08 00 0a 00 00 00 00 01  // NFTA_SET_ID
      10 00 0d 00  // NFTA_SET_USERDATA
        00 04 01 00 00 00  // NFTNL_UDATA_SET_KEYBYTEORDER: host
        06 04 00 00 00 00  // NFTNL_UDATA_SET_DATA_INTERVAL: no
      """)
    #expect(encode { map.encode(into: &$0, number: 1) } == bytes)
    let read = try ([1, 0, 0, 0] + bytes).read { span throws(DecodingFailure) in try NamedSet(decoding: span) }
    #expect(read == map)
  }

  @Test("an element names its object as nft does, and is decoded only in a map of objects")
  func element() throws {
    let element = Element(
      .interface(try InterfaceName(parsing: "tap0")), data: .object("up"), comment: "c")
    let bytes = try golden(
      """
      2c 00 01 80  // NFTA_LIST_ELEM
        18 00 01 80  // NFTA_SET_ELEM_KEY
          14 00 01 00 74 61 70 30 00 00 00 00 00 00 00 00 00 00 00 00  // NFTA_DATA_VALUE "tap0"
        08 00 06 00 00 02 63 00  // NFTA_SET_ELEM_USERDATA: comment "c"
        07 00 09 00 75 70 00 00  // NFTA_SET_ELEM_OBJREF "up"
      """)
    #expect(encode { for part in StoredElement.parts(of: element, in: map) { part.encode(into: &$0) } } == bytes)
    let read = try Array(bytes.dropFirst(4)).read { [map] span throws(DecodingFailure) in
      try StoredElement(decoding: span, in: map)
    }
    #expect(try Element.elements([read], of: map) == [element])
    let plain = NamedSet(table, "plain", .interfaceName)
    #expect(throws: DecodingFailure.self) {
      try Array(bytes.dropFirst(4)).read { span throws(DecodingFailure) in
        try StoredElement(decoding: span, in: plain)
      }
    }
  }

  @Test("an object is deleted by a message of its own")
  func messages() throws {
    let id = StatefulObject.ID(table, .limit, "up")
    var transaction = Transaction()
    transaction.delete(id)
    let attributes = "06 00 01 00 74 00 00 00  07 00 02 00 75 70 00 00  08 00 03 00 00 00 00 04"
    let bytes = try golden(
      """
      2c 00 00 00 14 0a 05 00 00 00 00 00 00 00 00 00  // NFT_MSG_DELOBJ; NLM_F_REQUEST, NLM_F_ACK
      01 00 00 00 \(attributes)
      """)
    #expect(Array(Batch(transaction).messages.bytes.dropFirst(20).dropLast(20)) == bytes)
  }
}
