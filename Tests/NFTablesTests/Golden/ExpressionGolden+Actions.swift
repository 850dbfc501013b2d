@testable import NFTables

/// Expressions that do something with a packet.
extension ExpressionGolden {
  static let actions: [ExpressionGolden] = [
    ExpressionGolden(
      "nat dnat ip addr_min reg 1",
      .nat(NAT(kind: .destination, family: .ip, address: .first)),
      """
      08 00 01 00 6e 61 74 00  // NFTA_EXPR_NAME "nat"
      1c 00 02 80  // NFTA_EXPR_DATA nat
        08 00 01 00 00 00 00 01  // NFTA_NAT_TYPE
        08 00 02 00 00 00 00 02  // NFTA_NAT_FAMILY
        08 00 03 00 00 00 00 01  // NFTA_NAT_REG_ADDR_MIN
      """),
    ExpressionGolden(
      "nat dnat ip addr_min reg 1 proto_min reg 2 flags 0xa",
      .nat(NAT(kind: .destination, family: .ip, address: .first, port: Register(slot: 4), flags: .persistent)),
      """
      08 00 01 00 6e 61 74 00  // NFTA_EXPR_NAME "nat"
      2c 00 02 80  // NFTA_EXPR_DATA nat
        08 00 01 00 00 00 00 01  // NFTA_NAT_TYPE
        08 00 02 00 00 00 00 02  // NFTA_NAT_FAMILY
        08 00 03 00 00 00 00 01  // NFTA_NAT_REG_ADDR_MIN
        08 00 05 00 00 00 00 02  // NFTA_NAT_REG_PROTO_MIN
        08 00 07 00 00 00 00 0a  // NFTA_NAT_FLAGS
      """),
    ExpressionGolden(
      "rt load tcpmss => reg 1",
      .route(RouteProperty(key: .maximumSegmentSize, destination: .first)),
      """
      07 00 01 00 72 74 00 00  // NFTA_EXPR_NAME "rt"
      14 00 02 80  // NFTA_EXPR_DATA rt
        08 00 02 00 00 00 00 03  // NFTA_RT_KEY
        08 00 01 00 00 00 00 01  // NFTA_RT_DREG
      """),
    ExpressionGolden(
      "byteorder reg 1 = hton(reg 1, 2, 2)",
      .byteOrder(ByteOrder(.first, .toNetwork, length: 2, size: 2)),
      """
      0e 00 01 00 62 79 74 65 6f 72 64 65 72 00 00 00  // NFTA_EXPR_NAME "byteorder"
      2c 00 02 80  // NFTA_EXPR_DATA byteorder
        08 00 01 00 00 00 00 01  // NFTA_BYTEORDER_SREG
        08 00 02 00 00 00 00 01  // NFTA_BYTEORDER_DREG
        08 00 03 00 00 00 00 01  // NFTA_BYTEORDER_OP
        08 00 04 00 00 00 00 02  // NFTA_BYTEORDER_LEN
        08 00 05 00 00 00 00 02  // NFTA_BYTEORDER_SIZE
      """),
    ExpressionGolden(
      "exthdr write tcpopt reg 1 => 2b @ 2 + 2",
      .extensionHeader(ExtensionHeader(kind: .tcpOption, type: 2, offset: 2, length: 2, access: .store(.first))),
      """
      0b 00 01 00 65 78 74 68 64 72 00 00  // NFTA_EXPR_NAME "exthdr"
      2c 00 02 80  // NFTA_EXPR_DATA exthdr
        08 00 07 00 00 00 00 01  // NFTA_EXTHDR_SREG
        05 00 02 00 02 00 00 00  // NFTA_EXTHDR_TYPE
        08 00 03 00 00 00 00 02  // NFTA_EXTHDR_OFFSET
        08 00 04 00 00 00 00 02  // NFTA_EXTHDR_LEN
        08 00 06 00 00 00 00 01  // NFTA_EXTHDR_OP
      """),
    ExpressionGolden(
      "dynset update reg_key 1 set s timeout 10000ms",
      .dynamicSet(DynamicSet(operation: .update, set: "s", timeout: 10_000)),
      """
      0b 00 01 00 64 79 6e 73 65 74 00 00  // NFTA_EXPR_NAME "dynset"
      28 00 02 80  // NFTA_EXPR_DATA dynset
        08 00 04 00 00 00 00 01  // NFTA_DYNSET_SREG_KEY
        08 00 03 00 00 00 00 01  // NFTA_DYNSET_OP
        0c 00 06 00 00 00 00 00 00 00 27 10  // NFTA_DYNSET_TIMEOUT
        06 00 01 00 73 00 00 00  // NFTA_DYNSET_SET_NAME
      """),
    ExpressionGolden(
      "dynset update reg_key 1 set s timeout 0ms expr [ limit rate 25/second burst 100 type packets flags 0x1 ]",
      .dynamicSet(
        DynamicSet(operation: .update, set: "s", meter: .limit(Limit(rate: 25, burst: 100, isInverted: true)))),
      """
      0b 00 01 00 64 79 6e 73 65 74 00 00  // NFTA_EXPR_NAME "dynset"
      60 00 02 80  // NFTA_EXPR_DATA dynset
        08 00 04 00 00 00 00 01  // NFTA_DYNSET_SREG_KEY
        08 00 03 00 00 00 00 01  // NFTA_DYNSET_OP
        06 00 01 00 73 00 00 00  // NFTA_DYNSET_SET_NAME
        44 00 07 80  // NFTA_DYNSET_EXPR
          0a 00 01 00 6c 69 6d 69 74 00 00 00  // NFTA_EXPR_NAME "limit"
          34 00 02 80  // NFTA_EXPR_DATA limit
            0c 00 01 00 00 00 00 00 00 00 00 19  // NFTA_LIMIT_RATE
            0c 00 02 00 00 00 00 00 00 00 00 01  // NFTA_LIMIT_UNIT
            08 00 03 00 00 00 00 64  // NFTA_LIMIT_BURST
            08 00 04 00 00 00 00 00  // NFTA_LIMIT_TYPE
            08 00 05 00 00 00 00 01  // NFTA_LIMIT_FLAGS
      """),
    ExpressionGolden(
      "dynset add reg_key 1 set s timeout 0ms expr [ connlimit count 4096 flags 1 ]",
      .dynamicSet(
        DynamicSet(operation: .add, set: "s", meter: .connections(ConnectionLimit(count: 4096, isInverted: true)))),
      """
      0b 00 01 00 64 79 6e 73 65 74 00 00  // NFTA_EXPR_NAME "dynset"
      44 00 02 80  // NFTA_EXPR_DATA dynset
        08 00 04 00 00 00 00 01  // NFTA_DYNSET_SREG_KEY
        08 00 03 00 00 00 00 00  // NFTA_DYNSET_OP
        06 00 01 00 73 00 00 00  // NFTA_DYNSET_SET_NAME
        28 00 07 80  // NFTA_DYNSET_EXPR
          0e 00 01 00 63 6f 6e 6e 6c 69 6d 69 74 00 00 00  // NFTA_EXPR_NAME "connlimit"
          14 00 02 80  // NFTA_EXPR_DATA connlimit
            08 00 01 00 00 00 10 00  // NFTA_CONNLIMIT_COUNT
            08 00 02 00 00 00 00 01  // NFTA_CONNLIMIT_FLAGS
      """),
    ExpressionGolden(
      "connlimit count 20 flags 0",
      .connectionLimit(ConnectionLimit(count: 20)),
      """
      0e 00 01 00 63 6f 6e 6e 6c 69 6d 69 74 00 00 00  // NFTA_EXPR_NAME "connlimit"
      14 00 02 80  // NFTA_EXPR_DATA connlimit
        08 00 01 00 00 00 00 14  // NFTA_CONNLIMIT_COUNT
        08 00 02 00 00 00 00 00  // NFTA_CONNLIMIT_FLAGS
      """),
    ExpressionGolden(
      "redir proto_min reg 1 flags 0x2",
      .redirect(Redirect(port: .first)),
      """
      0a 00 01 00 72 65 64 69 72 00 00 00  // NFTA_EXPR_NAME "redir"
      14 00 02 80  // NFTA_EXPR_DATA redir
        08 00 01 00 00 00 00 01  // NFTA_REDIR_REG_PROTO_MIN
        08 00 03 00 00 00 00 02  // NFTA_REDIR_FLAGS
      """),
    ExpressionGolden(
      "masq flags 0x10",
      .masquerade(Masquerade(flags: .fullyRandom)),
      """
      09 00 01 00 6d 61 73 71 00 00 00 00  // NFTA_EXPR_NAME "masq"
      0c 00 02 80  // NFTA_EXPR_DATA masq
        08 00 01 00 00 00 00 10  // NFTA_MASQ_FLAGS
      """),
    ExpressionGolden(
      "masq proto_min reg 1 proto_max reg 2 flags 0x2",
      .masquerade(Masquerade(port: .first, lastPort: Register(slot: 4))),
      """
      09 00 01 00 6d 61 73 71 00 00 00 00  // NFTA_EXPR_NAME "masq"
      1c 00 02 80  // NFTA_EXPR_DATA masq
        08 00 01 00 00 00 00 02  // NFTA_MASQ_FLAGS
        08 00 02 00 00 00 00 01  // NFTA_MASQ_REG_PROTO_MIN
        08 00 03 00 00 00 00 02  // NFTA_MASQ_REG_PROTO_MAX
      """),
    ExpressionGolden(
      "limit rate 10240/minute burst 0 type bytes flags 0x1",
      .limit(Limit(rate: 10_240, perSeconds: 60, burst: 0, unit: .bytes, isInverted: true)),
      """
      0a 00 01 00 6c 69 6d 69 74 00 00 00  // NFTA_EXPR_NAME "limit"
      2c 00 02 80  // NFTA_EXPR_DATA limit
        0c 00 01 00 00 00 00 00 00 00 28 00  // NFTA_LIMIT_RATE
        0c 00 02 00 00 00 00 00 00 00 00 3c  // NFTA_LIMIT_UNIT
        08 00 04 00 00 00 00 01  // NFTA_LIMIT_TYPE
        08 00 05 00 00 00 00 01  // NFTA_LIMIT_FLAGS
      """),
    ExpressionGolden(
      "objref type 4 name up",
      .object(.named("up", .limit)),
      """
      0b 00 01 00 6f 62 6a 72 65 66 00 00  // NFTA_EXPR_NAME "objref"
      14 00 02 80  // NFTA_EXPR_DATA objref
        08 00 01 00 00 00 00 04  // NFTA_OBJREF_IMM_TYPE: NFT_OBJECT_LIMIT
        07 00 02 00 75 70 00 00  // NFTA_OBJREF_IMM_NAME "up"
      """),
    ExpressionGolden(
      "objref sreg 1 set rates",
      .object(.map("rates", key: .first)),
      """
      0b 00 01 00 6f 62 6a 72 65 66 00 00  // NFTA_EXPR_NAME "objref"
      18 00 02 80  // NFTA_EXPR_DATA objref
        08 00 03 00 00 00 00 01  // NFTA_OBJREF_SET_SREG
        0a 00 04 00 72 61 74 65 73 00 00 00  // NFTA_OBJREF_SET_NAME "rates"
      """),
    ExpressionGolden(
      "log prefix \"abc \" level debug",
      .log(Log(prefix: "abc ", destination: .kernel(level: 7))),
      """
      08 00 01 00 6c 6f 67 00  // NFTA_EXPR_NAME "log"
      18 00 02 80  // NFTA_EXPR_DATA log
        09 00 02 00 61 62 63 20 00 00 00 00  // NFTA_LOG_PREFIX "abc "
        08 00 05 00 00 00 00 07  // NFTA_LOG_LEVEL
      """),
    ExpressionGolden(
      "log group 5 snaplen 100 queue-threshold 2",
      .log(Log(destination: .group(5, snapLength: 100, queueThreshold: 2))),
      """
      08 00 01 00 6c 6f 67 00  // NFTA_EXPR_NAME "log"
      1c 00 02 80  // NFTA_EXPR_DATA log
        06 00 01 00 00 05 00 00  // NFTA_LOG_GROUP
        08 00 03 00 00 00 00 64  // NFTA_LOG_SNAPLEN
        06 00 04 00 00 02 00 00  // NFTA_LOG_QTHRESHOLD
      """),
    ExpressionGolden(
      "counter pkts 5 bytes 6",
      .counter(Counter(packets: 5, bytes: 6)),
      """
      0c 00 01 00 63 6f 75 6e 74 65 72 00  // NFTA_EXPR_NAME "counter"
      1c 00 02 80  // NFTA_EXPR_DATA counter
        0c 00 01 00 00 00 00 00 00 00 00 06  // NFTA_COUNTER_BYTES
        0c 00 02 00 00 00 00 00 00 00 00 05  // NFTA_COUNTER_PACKETS
      """),
    ExpressionGolden(
      "reject type 0 code 1",
      .reject(.icmp(code: 1)),
      """
      0b 00 01 00 72 65 6a 65 63 74 00 00  // NFTA_EXPR_NAME "reject"
      14 00 02 80  // NFTA_EXPR_DATA reject
        08 00 01 00 00 00 00 00  // NFTA_REJECT_TYPE
        05 00 02 00 01 00 00 00  // NFTA_REJECT_ICMP_CODE
      """),
    ExpressionGolden(
      "reject type 1 code 0",
      .reject(.tcpReset),
      """
      0b 00 01 00 72 65 6a 65 63 74 00 00  // NFTA_EXPR_NAME "reject"
      14 00 02 80  // NFTA_EXPR_DATA reject
        08 00 01 00 00 00 00 01  // NFTA_REJECT_TYPE
        05 00 02 00 00 00 00 00  // NFTA_REJECT_ICMP_CODE
      """),
  ]
}
