import Netlink
import TestKit
import Testing

@testable import NFTables

/// An expression, and the bytes that nft(8) sends for it: the attributes of an element of NFTA_RULE_EXPRESSIONS.
struct ExpressionGolden: Sendable, CustomStringConvertible {
  /// What `nft --debug=netlink` prints for it.
  var description: String
  var expression: Expression
  var hex: String

  init(_ description: String, _ kind: Expression.Kind, _ hex: String) {
    self.description = description
    expression = Expression(kind)
    self.hex = hex
  }
}

@Suite("Bytes of expressions")
struct ExpressionGoldenTests {
  @Test(
    "an expression is encoded as nft does, and decoded to what it was",
    arguments: ExpressionGolden.registers + ExpressionGolden.actions)
  func bothWays(_ item: ExpressionGolden) throws {
    let bytes = try golden(item.hex)
    var buffer = MessageBuffer()
    item.expression.encode(into: &buffer)
    // The nest around it: its length, and NFTA_LIST_ELEM with NLA_F_NESTED.
    let length = UInt16(bytes.count + 4)
    #expect(buffer.bytes == [UInt8(length & 0xff), UInt8(length >> 8), 0x01, 0x80] + bytes)
    #expect(try Expression(decoding: bytes) == item.expression)
  }

  @Test("an expression that this code does not know survives")
  func unknownExpression() throws {
    let bytes = try golden(
      """
      0a 00 01 00 71 75 65 75 65 00 00 00  // NFTA_EXPR_NAME "queue"
      0c 00 02 80  // NFTA_EXPR_DATA queue
        06 00 01 00 00 04 00 00  // NFTA_QUEUE_NUM
      """)
    let expression = try Expression(decoding: bytes)
    #expect(expression.kind == .other(name: "queue", data: [6, 0, 1, 0, 0, 4, 0, 0]))
    var buffer = MessageBuffer()
    expression.encode(into: &buffer)
    #expect(Array(buffer.bytes.dropFirst(4)) == bytes)
  }

  @Test("an attribute that this code does not know survives, and is no part of the normal form")
  func unknownAttribute() throws {
    let bytes = try golden(
      """
      09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
      1c 00 02 80  // NFTA_EXPR_DATA meta
        08 00 02 00 00 00 00 06  // NFTA_META_KEY
        08 00 01 00 00 00 00 01  // NFTA_META_DREG
        08 00 63 00 00 00 00 07  // of a kernel to come
      """)
    let expression = try Expression(decoding: bytes)
    #expect(expression.unknown == [RawAttribute(type: 0x63, payload: [0, 0, 0, 7])])
    #expect(expression.normalForm == Expression(.meta(Meta(.iifname, .load(.first)))))
    var buffer = MessageBuffer()
    expression.encode(into: &buffer)
    #expect(Array(buffer.bytes.dropFirst(4)) == bytes)
  }

  @Test("a value that this code does not know leaves the expression as it is")
  func unknownValue() throws {
    let bytes = try golden(
      """
      09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
      14 00 02 80  // NFTA_EXPR_DATA meta
        08 00 02 00 00 00 03 e8  // NFTA_META_KEY, one that does not exist
        08 00 01 00 00 00 00 01  // NFTA_META_DREG
      """)
    let expression = try Expression(decoding: bytes)
    #expect(expression.kind == .other(name: "meta", data: Array(bytes.dropFirst(16))))
  }

  @Test("a set that counts otherwise than this code knows leaves the expression as it is")
  func unknownMeter() throws {
    let head = "0b 00 01 00 64 79 6e 73 65 74 00 00"
    let bytes = try golden(
      """
      \(head)  // NFTA_EXPR_NAME "dynset"
      40 00 02 80  // NFTA_EXPR_DATA dynset
        08 00 04 00 00 00 00 01  // NFTA_DYNSET_SREG_KEY
        08 00 03 00 00 00 00 00  // NFTA_DYNSET_OP
        06 00 01 00 73 00 00 00  // NFTA_DYNSET_SET_NAME
        24 00 07 80  // NFTA_DYNSET_EXPR
          0a 00 01 00 71 75 6f 74 61 00 00 00  // NFTA_EXPR_NAME "quota"
          14 00 02 80  // NFTA_EXPR_DATA quota
            0c 00 01 00 00 00 00 00 00 00 00 05  // NFTA_QUOTA_BYTES
            04 00 63 00  // of a kernel to come
      """)
    let expression = try Expression(decoding: bytes)
    #expect(expression.kind == .other(name: "dynset", data: Array(bytes.dropFirst(16))))
    var buffer = MessageBuffer()
    expression.encode(into: &buffer)
    #expect(Array(buffer.bytes.dropFirst(4)) == bytes)
  }

  @Test("the kernel's ways to say the same are read as one")
  func kernelForms() throws {
    // As Linux 6.18 dumps `dnat to 198.51.100.2`: the end of the range, and NF_NAT_RANGE_MAP_IPS.
    let nat = try golden(
      """
      08 00 01 00 6e 61 74 00  // NFTA_EXPR_NAME "nat"
      2c 00 02 80  // NFTA_EXPR_DATA nat
        08 00 01 00 00 00 00 01  // NFTA_NAT_TYPE
        08 00 02 00 00 00 00 02  // NFTA_NAT_FAMILY
        08 00 03 00 00 00 00 01  // NFTA_NAT_REG_ADDR_MIN
        08 00 04 00 00 00 00 01  // NFTA_NAT_REG_ADDR_MAX
        08 00 07 00 00 00 00 01  // NFTA_NAT_FLAGS
      """)
    #expect(try Expression(decoding: nat).kind == .nat(NAT(kind: .destination, family: .ip, address: .first)))
    // NFT_REG32_00 is NFT_REG_1.
    let lookup = try golden(
      """
      0b 00 01 00 6c 6f 6f 6b 75 70 00 00  // NFTA_EXPR_NAME "lookup"
      1c 00 02 80  // NFTA_EXPR_DATA lookup
        07 00 01 00 76 6d 00 00  // NFTA_LOOKUP_SET "vm"
        08 00 02 00 00 00 00 08  // NFTA_LOOKUP_SREG
        08 00 05 00 00 00 00 00  // NFTA_LOOKUP_FLAGS
      """)
    #expect(try Expression(decoding: lookup).kind == .lookup(Lookup(set: "vm")))
  }
}

extension Expression {
  init(decoding bytes: [UInt8]) throws(DecodingFailure) {
    self = try bytes.read { span throws(DecodingFailure) in try Expression(decoding: span) }
  }
}
