import NetTypes
import Netlink
import TestKit
import Testing

@testable import NFTables

@Suite("Bytes of tables, chains, sets and rules")
struct ObjectGoldenTests {
  private let table = Table(.bridge, "tapestry", comment: "layout 1")

  /// The attributes of a message from the kernel, after `struct nfgenmsg`.
  private func decode<Object>(
    _ family: Family, _ attributes: [UInt8], _ body: (RawSpan) throws(DecodingFailure) -> Object
  ) throws -> Object {
    try ([family.rawValue, 0, 0, 0] + attributes).read(body)
  }

  private func encode(_ body: (inout MessageBuffer) -> Void) -> [UInt8] {
    var buffer = MessageBuffer()
    body(&buffer)
    return buffer.bytes
  }

  @Test("a table is encoded as nft does, and decoded")
  func tables() throws {
    let bytes = try golden(
      """
      0d 00 01 00 74 61 70 65 73 74 72 79 00 00 00 00  // NFTA_TABLE_NAME "tapestry"
      08 00 02 00 00 00 00 00  // NFTA_TABLE_FLAGS
      0f 00 06 00 00 09 6c 61 79 6f 75 74 20 31 00 00  // NFTA_TABLE_USERDATA: comment "layout 1"
      """)
    #expect(encode { table.encode(into: &$0) } == bytes)
    #expect(try decode(.bridge, bytes) { span throws(DecodingFailure) in try Table(decoding: span) } == table)
  }

  @Test("a base chain is encoded as nft does, and decoded")
  func baseChain() throws {
    let bytes = try golden(
      """
      0d 00 01 00 74 61 70 65 73 74 72 79 00 00 00 00  // NFTA_CHAIN_TABLE "tapestry"
      0a 00 03 00 67 75 61 72 64 00 00 00  // NFTA_CHAIN_NAME "guard"
      0b 00 07 00 66 69 6c 74 65 72 00 00  // NFTA_CHAIN_TYPE "filter"
      08 00 05 00 00 00 00 01  // NFTA_CHAIN_POLICY: NF_ACCEPT
      14 00 04 80  // NFTA_CHAIN_HOOK
        08 00 01 00 00 00 00 00  // NFTA_HOOK_HOOKNUM: NF_BR_PRE_ROUTING
        08 00 02 00 ff ff fe d4  // NFTA_HOOK_PRIORITY: -300
      """)
    let chain = Chain(table.id, "guard", .init(.filter, .prerouting, priority: -300))
    #expect(encode { chain.encode(into: &$0) } == bytes)
    #expect(try decode(.bridge, bytes) { span throws(DecodingFailure) in try Chain(decoding: span) } == chain)
  }

  @Test("a concatenated set is encoded as nft does, and decoded")
  func concatenatedSet() throws {
    let bytes = try golden(
      """
      0d 00 01 00 74 61 70 65 73 74 72 79 00 00 00 00  // NFTA_SET_TABLE "tapestry"
      0b 00 02 00 67 75 65 73 74 73 00 00  // NFTA_SET_NAME "guests"
      08 00 03 00 00 00 00 00  // NFTA_SET_FLAGS
      08 00 04 00 00 02 92 47  // NFTA_SET_KEY_TYPE: 41 ifname, 9 ether_addr, 7 ipv4_addr, six bits each
      08 00 05 00 00 00 00 1c  // NFTA_SET_KEY_LEN: 16 + 8 + 4
      08 00 0a 00 00 00 00 01  // NFTA_SET_ID
      14 00 0d 00  // NFTA_SET_USERDATA
        00 04 00 00 00 00  // NFTNL_UDATA_SET_KEYBYTEORDER: none
        03 08 00 04 0d 00 00 00 01 00  // NFTNL_UDATA_SET_KEY_TYPEOF: a concatenation
      """)
    let set = NamedSet(table.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
    #expect(encode { set.encode(into: &$0, number: 1) } == bytes)
    #expect(try decode(.bridge, bytes) { span throws(DecodingFailure) in try NamedSet(decoding: span) } == set)
  }

  @Test("a map of concatenations is encoded as nft does, and decoded")
  func map() throws {
    let bytes = try golden(
      """
      06 00 01 00 74 00 00 00  // NFTA_SET_TABLE "t"
      0e 00 02 00 70 75 62 6c 69 73 68 65 64 00 00 00  // NFTA_SET_NAME "published"
      08 00 03 00 00 00 00 08  // NFTA_SET_FLAGS: NFT_SET_MAP
      08 00 04 00 00 00 03 0d  // NFTA_SET_KEY_TYPE: 12 inet_proto, 13 inet_service
      08 00 05 00 00 00 00 08  // NFTA_SET_KEY_LEN
      08 00 06 00 00 00 01 cd  // NFTA_SET_DATA_TYPE: 7 ipv4_addr, 13 inet_service
      08 00 07 00 00 00 00 08  // NFTA_SET_DATA_LEN
      08 00 0a 00 00 00 00 02  // NFTA_SET_ID
      2a 00 0d 00  // NFTA_SET_USERDATA
        00 04 00 00 00 00  // NFTNL_UDATA_SET_KEYBYTEORDER: none
        01 04 00 00 00 00  // NFTNL_UDATA_SET_DATABYTEORDER: none
        03 08 00 04 0d 00 00 00 01 00  // NFTNL_UDATA_SET_KEY_TYPEOF: a concatenation
        04 08 00 04 0d 00 00 00 01 00  // NFTNL_UDATA_SET_DATA_TYPEOF: a concatenation
        06 04 00 00 00 00  // NFTNL_UDATA_SET_DATA_INTERVAL: no
        00 00
      """)
    let set = NamedSet(
      Table.ID(.inet, "t"), "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))
    #expect(encode { set.encode(into: &$0, number: 2) } == bytes)
    #expect(try decode(.inet, bytes) { span throws(DecodingFailure) in try NamedSet(decoding: span) } == set)
  }

  @Test("a set of concatenated ranges tells the kernel the size of each part")
  func concatenatedRanges() throws {
    let bytes = try golden(
      """
      06 00 01 00 74 00 00 00  // NFTA_SET_TABLE "t"
      09 00 02 00 63 69 64 72 00 00 00 00  // NFTA_SET_NAME "cidr"
      08 00 03 00 00 00 00 84  // NFTA_SET_FLAGS: NFT_SET_INTERVAL, NFT_SET_CONCAT
      08 00 04 00 00 00 01 cd  // NFTA_SET_KEY_TYPE: 7 ipv4_addr, 13 inet_service
      08 00 05 00 00 00 00 08  // NFTA_SET_KEY_LEN
      08 00 0a 00 00 00 00 03  // NFTA_SET_ID
      20 00 09 80  // NFTA_SET_DESC
        1c 00 02 80  // NFTA_SET_DESC_CONCAT
          0c 00 01 80  // NFTA_LIST_ELEM
            08 00 01 00 00 00 00 04  // NFTA_SET_FIELD_LEN
          0c 00 01 80  // NFTA_LIST_ELEM
            08 00 01 00 00 00 00 02  // NFTA_SET_FIELD_LEN
      14 00 0d 00 00 04 00 00 00 00 03 08 00 04 0d 00 00 00 01 00  // NFTA_SET_USERDATA
      """)
    let set = NamedSet(Table.ID(.inet, "t"), "cidr", .ipv4Address, .inetService, flags: .interval)
    #expect(encode { set.encode(into: &$0, number: 3) } == bytes)
    #expect(try decode(.inet, bytes) { span throws(DecodingFailure) in try NamedSet(decoding: span) } == set)
  }

  @Test("a rule is encoded as nft does, but for the number of the set, and decoded")
  func rule() throws {
    let chain = Chain(table.id, "guard")
    let set = NamedSet(table.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
    let rule = Rule(in: chain, .match(.iifname, .etherSource, .ipSource, in: set), .accept, comment: "known")
    #expect(encode { rule.encode(into: &$0) } == (try golden(Self.ruleBytes)))
    let handle = try golden("0c 00 03 00 00 00 00 00 00 00 00 2a  // NFTA_RULE_HANDLE")
    let read = try decode(.bridge, try golden(Self.ruleBytes) + handle) { span throws(DecodingFailure) in
      try InstalledRule(decoding: span)
    }
    #expect(read == InstalledRule(handle: 42, rule: rule))
  }

  private static let ruleBytes = """
    0d 00 01 00 74 61 70 65 73 74 72 79 00 00 00 00  // NFTA_RULE_TABLE "tapestry"
    0a 00 02 00 67 75 61 72 64 00 00 00  // NFTA_RULE_CHAIN "guard"
    38 01 04 80  // NFTA_RULE_EXPRESSIONS
      24 00 01 80  // NFTA_LIST_ELEM
        09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
        14 00 02 80  // NFTA_EXPR_DATA
          08 00 02 00 00 00 00 01  // NFTA_META_KEY: NFT_META_PROTOCOL
          08 00 01 00 00 00 00 01  // NFTA_META_DREG
      2c 00 01 80  // NFTA_LIST_ELEM
        08 00 01 00 63 6d 70 00  // NFTA_EXPR_NAME "cmp"
        20 00 02 80  // NFTA_EXPR_DATA
          08 00 01 00 00 00 00 01  // NFTA_CMP_SREG
          08 00 02 00 00 00 00 00  // NFTA_CMP_OP
          0c 00 03 80  // NFTA_CMP_DATA
            06 00 01 00 08 00 00 00  // NFTA_DATA_VALUE: ETH_P_IP
      24 00 01 80  // NFTA_LIST_ELEM
        09 00 01 00 6d 65 74 61 00 00 00 00  // NFTA_EXPR_NAME "meta"
        14 00 02 80  // NFTA_EXPR_DATA
          08 00 02 00 00 00 00 06  // NFTA_META_KEY: NFT_META_IIFNAME
          08 00 01 00 00 00 00 01  // NFTA_META_DREG: NFT_REG_1
      34 00 01 80  // NFTA_LIST_ELEM
        0c 00 01 00 70 61 79 6c 6f 61 64 00  // NFTA_EXPR_NAME "payload"
        24 00 02 80  // NFTA_EXPR_DATA
          08 00 01 00 00 00 00 02  // NFTA_PAYLOAD_DREG: NFT_REG_2, 16 bytes on
          08 00 02 00 00 00 00 00  // NFTA_PAYLOAD_BASE
          08 00 03 00 00 00 00 06  // NFTA_PAYLOAD_OFFSET
          08 00 04 00 00 00 00 06  // NFTA_PAYLOAD_LEN
      34 00 01 80  // NFTA_LIST_ELEM
        0c 00 01 00 70 61 79 6c 6f 61 64 00  // NFTA_EXPR_NAME "payload"
        24 00 02 80  // NFTA_EXPR_DATA
          08 00 01 00 00 00 00 0e  // NFTA_PAYLOAD_DREG: NFT_REG32_06, 8 bytes on
          08 00 02 00 00 00 00 01  // NFTA_PAYLOAD_BASE
          08 00 03 00 00 00 00 0c  // NFTA_PAYLOAD_OFFSET
          08 00 04 00 00 00 00 04  // NFTA_PAYLOAD_LEN
      28 00 01 80  // NFTA_LIST_ELEM
        0b 00 01 00 6c 6f 6f 6b 75 70 00 00  // NFTA_EXPR_NAME "lookup"
        18 00 02 80  // NFTA_EXPR_DATA
          08 00 02 00 00 00 00 01  // NFTA_LOOKUP_SREG
          0b 00 01 00 67 75 65 73 74 73 00 00  // NFTA_LOOKUP_SET "guests"
      30 00 01 80  // NFTA_LIST_ELEM
        0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00  // NFTA_EXPR_NAME "immediate"
        1c 00 02 80  // NFTA_EXPR_DATA
          08 00 01 00 00 00 00 00  // NFTA_IMMEDIATE_DREG: NFT_REG_VERDICT
          10 00 02 80  // NFTA_IMMEDIATE_DATA
            0c 00 02 80  // NFTA_DATA_VERDICT
              08 00 01 00 00 00 00 01  // NFTA_VERDICT_CODE: NF_ACCEPT
    0c 00 07 00 00 06 6b 6e 6f 77 6e 00  // NFTA_RULE_USERDATA: comment "known"
    """
}
