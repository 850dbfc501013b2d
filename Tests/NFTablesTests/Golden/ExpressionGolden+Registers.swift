@testable import NFTables

/// Expressions that fill registers and look at them.
extension ExpressionGolden {
  static let registers: [ExpressionGolden] = [
    ExpressionGolden(
      "a constant address",
      .immediate(.value([198, 51, 100, 2], .first)),
      """
      0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00  // NFTA_EXPR_NAME "immediate"
      18 00 02 80  // NFTA_EXPR_DATA immediate
        08 00 01 00 00 00 00 01  // NFTA_IMMEDIATE_DREG
        0c 00 02 80  // NFTA_IMMEDIATE_DATA
          08 00 01 00 c6 33 64 02  // NFTA_DATA_VALUE
      """),
    ExpressionGolden(
      "jump c",
      .immediate(.verdict(.jump("c"))),
      """
      0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00  // NFTA_EXPR_NAME "immediate"
      24 00 02 80  // NFTA_EXPR_DATA immediate
        08 00 01 00 00 00 00 00  // NFTA_IMMEDIATE_DREG
        18 00 02 80  // NFTA_IMMEDIATE_DATA
          14 00 02 80  // NFTA_DATA_VERDICT
            08 00 01 00 ff ff ff fd  // NFTA_VERDICT_CODE
            06 00 02 00 63 00 00 00  // NFTA_VERDICT_CHAIN "c"
      """),
    ExpressionGolden(
      "payload load 4b @ network header + 16 => reg 1",
      .payload(Payload(base: .network, offset: 16, length: 4, access: .load(.first))),
      """
      0c 00 01 00 70 61 79 6c 6f 61 64 00  // NFTA_EXPR_NAME "payload"
      24 00 02 80  // NFTA_EXPR_DATA payload
        08 00 01 00 00 00 00 01  // NFTA_PAYLOAD_DREG
        08 00 02 00 00 00 00 01  // NFTA_PAYLOAD_BASE
        08 00 03 00 00 00 00 10  // NFTA_PAYLOAD_OFFSET
        08 00 04 00 00 00 00 04  // NFTA_PAYLOAD_LEN
      """),
    ExpressionGolden(
      "payload write reg 1 => 4b @ network header + 12 csum_type 1 csum_off 10 csum_flags 0x1",
      .payload(Payload(base: .network, offset: 12, length: 4, access: .store(.first), checksum: .ipv4Address)),
      """
      0c 00 01 00 70 61 79 6c 6f 61 64 00  // NFTA_EXPR_NAME "payload"
      3c 00 02 80  // NFTA_EXPR_DATA payload
        08 00 05 00 00 00 00 01  // NFTA_PAYLOAD_SREG
        08 00 02 00 00 00 00 01  // NFTA_PAYLOAD_BASE
        08 00 03 00 00 00 00 0c  // NFTA_PAYLOAD_OFFSET
        08 00 04 00 00 00 00 04  // NFTA_PAYLOAD_LEN
        08 00 06 00 00 00 00 01  // NFTA_PAYLOAD_CSUM_TYPE
        08 00 07 00 00 00 00 0a  // NFTA_PAYLOAD_CSUM_OFFSET
        08 00 08 00 00 00 00 01  // NFTA_PAYLOAD_CSUM_FLAGS
      """),
    ExpressionGolden(
      "meta load iifname => reg 1",
      .meta(Meta(.iifname, .load(.first))),
      """
      09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
      14 00 02 80  // NFTA_EXPR_DATA meta
        08 00 02 00 00 00 00 06  // NFTA_META_KEY
        08 00 01 00 00 00 00 01  // NFTA_META_DREG
      """),
    ExpressionGolden(
      "meta set mark with reg 1",
      .meta(Meta(.mark, .store(.first))),
      """
      09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
      14 00 02 80  // NFTA_EXPR_DATA meta
        08 00 02 00 00 00 00 03  // NFTA_META_KEY
        08 00 03 00 00 00 00 01  // NFTA_META_SREG
      """),
    ExpressionGolden(
      "ct load state => reg 1",
      .ct(ConnectionTracking(key: .state, access: .load(.first))),
      """
      07 00 01 00 63 74 00 00  // NFTA_EXPR_NAME "ct"
      14 00 02 80  // NFTA_EXPR_DATA ct
        08 00 02 00 00 00 00 00  // NFTA_CT_KEY
        08 00 01 00 00 00 00 01  // NFTA_CT_DREG
      """),
    ExpressionGolden(
      "ct load protocol => reg 1, dir original",
      .ct(ConnectionTracking(key: .protocol, access: .load(.first), direction: .original)),
      """
      07 00 01 00 63 74 00 00  // NFTA_EXPR_NAME "ct"
      1c 00 02 80  // NFTA_EXPR_DATA ct
        08 00 02 00 00 00 00 0a  // NFTA_CT_KEY
        08 00 01 00 00 00 00 01  // NFTA_CT_DREG
        05 00 03 00 00 00 00 00  // NFTA_CT_DIRECTION
      """),
    ExpressionGolden(
      "ct set mark with reg 1",
      .ct(ConnectionTracking(key: .mark, access: .store(.first))),
      """
      07 00 01 00 63 74 00 00  // NFTA_EXPR_NAME "ct"
      14 00 02 80  // NFTA_EXPR_DATA ct
        08 00 02 00 00 00 00 03  // NFTA_CT_KEY
        08 00 04 00 00 00 00 01  // NFTA_CT_SREG
      """),
    ExpressionGolden(
      "bitwise reg 1 = ( reg 1 & 0x00000006 ) ^ 0x00000000",
      .bitwise(Bitwise(.first, mask: [6, 0, 0, 0])),
      """
      0c 00 01 00 62 69 74 77 69 73 65 00  // NFTA_EXPR_NAME "bitwise"
      34 00 02 80  // NFTA_EXPR_DATA bitwise
        08 00 01 00 00 00 00 01  // NFTA_BITWISE_SREG
        08 00 02 00 00 00 00 01  // NFTA_BITWISE_DREG
        08 00 03 00 00 00 00 04  // NFTA_BITWISE_LEN
        0c 00 04 80  // NFTA_BITWISE_MASK
          08 00 01 00 06 00 00 00  // NFTA_DATA_VALUE
        0c 00 05 80  // NFTA_BITWISE_XOR
          08 00 01 00 00 00 00 00  // NFTA_DATA_VALUE
      """),
    ExpressionGolden(
      "cmp neq reg 1 0x00000000",
      .cmp(Comparison(source: .first, operation: .notEqual, value: [0, 0, 0, 0])),
      """
      08 00 01 00 63 6d 70 00  // NFTA_EXPR_NAME "cmp"
      20 00 02 80  // NFTA_EXPR_DATA cmp
        08 00 01 00 00 00 00 01  // NFTA_CMP_SREG
        08 00 02 00 00 00 00 01  // NFTA_CMP_OP
        0c 00 03 80  // NFTA_CMP_DATA
          08 00 01 00 00 00 00 00  // NFTA_DATA_VALUE
      """),
    ExpressionGolden(
      "range neq reg 1 1000-2000",
      .range(Expression.Range(source: .first, isInverted: true, first: [0x03, 0xe8], last: [0x07, 0xd0])),
      """
      0a 00 01 00 72 61 6e 67 65 00 00 00  // NFTA_EXPR_NAME "range"
      2c 00 02 80  // NFTA_EXPR_DATA range
        08 00 01 00 00 00 00 01  // NFTA_RANGE_SREG
        08 00 02 00 00 00 00 01  // NFTA_RANGE_OP
        0c 00 03 80  // NFTA_RANGE_FROM_DATA
          06 00 01 00 03 e8 00 00  // NFTA_DATA_VALUE
        0c 00 04 80  // NFTA_RANGE_TO_DATA
          06 00 01 00 07 d0 00 00  // NFTA_DATA_VALUE
      """),
    ExpressionGolden(
      "fib daddr type => reg 1",
      .fib(RouteLookup(result: .type, flags: .destination, destination: .first)),
      """
      08 00 01 00 66 69 62 00  // NFTA_EXPR_NAME "fib"
      1c 00 02 80  // NFTA_EXPR_DATA fib
        08 00 03 00 00 00 00 02  // NFTA_FIB_FLAGS
        08 00 02 00 00 00 00 03  // NFTA_FIB_RESULT
        08 00 01 00 00 00 00 01  // NFTA_FIB_DREG
      """),
    ExpressionGolden(
      "lookup reg 1 set vm",
      .lookup(Lookup(set: "vm")),
      """
      0b 00 01 00 6c 6f 6f 6b 75 70 00 00  // NFTA_EXPR_NAME "lookup"
      14 00 02 80  // NFTA_EXPR_DATA lookup
        08 00 02 00 00 00 00 01  // NFTA_LOOKUP_SREG
        07 00 01 00 76 6d 00 00  // NFTA_LOOKUP_SET "vm"
      """),
    ExpressionGolden(
      "lookup reg 1 set vm dreg 0",
      .lookup(Lookup(set: "vm", result: .verdict)),
      """
      0b 00 01 00 6c 6f 6f 6b 75 70 00 00  // NFTA_EXPR_NAME "lookup"
      1c 00 02 80  // NFTA_EXPR_DATA lookup
        08 00 02 00 00 00 00 01  // NFTA_LOOKUP_SREG
        08 00 03 00 00 00 00 00  // NFTA_LOOKUP_DREG
        07 00 01 00 76 6d 00 00  // NFTA_LOOKUP_SET "vm"
      """),
    ExpressionGolden(
      "lookup reg 1 set hosts dreg 1",
      .lookup(Lookup(set: "hosts", result: .register(.first))),
      """
      0b 00 01 00 6c 6f 6f 6b 75 70 00 00  // NFTA_EXPR_NAME "lookup"
      20 00 02 80  // NFTA_EXPR_DATA lookup
        08 00 02 00 00 00 00 01  // NFTA_LOOKUP_SREG
        08 00 03 00 00 00 00 01  // NFTA_LOOKUP_DREG
        0a 00 01 00 68 6f 73 74 73 00 00 00  // NFTA_LOOKUP_SET "hosts"
      """),
  ]
}
