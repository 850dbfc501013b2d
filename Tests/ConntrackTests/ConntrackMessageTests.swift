import CLinux
import Glibc
import NetTypes
import Netlink
import TestKit
import Testing

@testable import Conntrack

@Suite("Messages to ctnetlink")
struct ConntrackMessageTests {
  private func bytes(_ build: (inout MessageBuffer) -> Void) -> [UInt8] {
    var buffer = MessageBuffer()
    build(&buffer)
    return buffer.bytes
  }

  private let guest = IPv4Address(172, 30, 0, 2)

  @Test("a dump asks for a family, or for all")
  func dump() throws {
    #expect(
      try bytes { $0.listConntrack(family: AF_INET) }
        == golden(
          """
          14 00 00 00 01 01 01 03 00 00 00 00 00 00 00 00  // IPCTNL_MSG_CT_GET, NLM_F_REQUEST, NLM_F_DUMP
          02 00 00 00                                      // AF_INET, NFNETLINK_V0
          """))
    #expect(Array(bytes { $0.listConntrack(family: AF_UNSPEC) }[16...]) == [0, 0, 0, 0])
  }

  @Test("a filtered flush names an address as the original source")
  func originalSource() throws {
    #expect(
      try bytes { $0.flushConntrack(guest, in: .originalSource) }
        == golden(
          """
          30 00 00 00 02 01 01 00 00 00 00 00 00 00 00 00  // IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST
          02 00 00 00                                      // AF_INET, NFNETLINK_V0
          10 00 01 80                                      // CTA_TUPLE_ORIG
            0c 00 01 80                                    // CTA_TUPLE_IP
              08 00 01 00 ac 1e 00 02                      // CTA_IP_V4_SRC 172.30.0.2
          0c 00 19 80                                      // CTA_FILTER
            08 00 01 00 01 00 00 00                        // CTA_FILTER_ORIG_FLAGS: the source, in host byte order
          """))
  }

  @Test("a filtered flush names an address as the reply's destination")
  func replyDestination() throws {
    #expect(
      try bytes { $0.flushConntrack(guest, in: .replyDestination) }
        == golden(
          """
          30 00 00 00 02 01 01 00 00 00 00 00 00 00 00 00  // IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST
          02 00 00 00                                      // AF_INET, NFNETLINK_V0
          10 00 02 80                                      // CTA_TUPLE_REPLY
            0c 00 01 80                                    // CTA_TUPLE_IP
              08 00 02 00 ac 1e 00 02                      // CTA_IP_V4_DST 172.30.0.2
          0c 00 19 80                                      // CTA_FILTER
            08 00 02 00 02 00 00 00                        // CTA_FILTER_REPLY_FLAGS: the destination
          """))
  }

  /// Without one of the two the kernel would empty the table, or refuse.
  @Test("every filtered flush has a tuple with one address, and a filter that this address counts", arguments: 1...4)
  func neverUnfiltered(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let address = IPv4Address(rawValue: .random(in: 0 ... .max, using: &generator))
      for place in AddressPlace.allCases {
        let message = bytes { $0.flushConntrack(address, in: place) }
        var types: [UInt16] = []
        try Array(message[20...]).decoded { attributes throws(DecodingFailure) in
          try attributes.forEachAttribute { type, value throws(DecodingFailure) in
            types.append(type)
            let isFilter = UInt32(type) == CTA_FILTER.rawValue
            let expected: [UInt8] = isFilter ? [UInt8(place.filterFlag), 0, 0, 0] : address.bytes
            #expect(Array(value.array.suffix(4)) == expected)
          }
        }
        #expect(types == [UInt16(place.tuple.rawValue), UInt16(CTA_FILTER.rawValue)])
        #expect(place.filterFlag != 0)
      }
    }
  }

  @Test("the four places are four different filters")
  func places() {
    let messages = AddressPlace.allCases.map { place in bytes { $0.flushConntrack(guest, in: place) } }
    #expect(Set(messages).count == 4)
  }

  @Test("a deletion repeats the tuple, the zone and the id that the kernel told")
  func delete() throws {
    let key = try #require(
      try ConntrackGolden.zoned().decoded { payload throws(DecodingFailure) in
        try EntryKey(decoding: payload, ifContaining: [IPv4Address(198, 51, 100, 1)])
      })
    #expect(
      try bytes { $0.deleteConntrackEntry(key) }
        == golden(
          """
          58 00 00 00 02 01 01 00 00 00 00 00 00 00 00 00  // IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST
          02 00 00 00                                      // AF_INET, NFNETLINK_V0
          34 00 01 80                                      // CTA_TUPLE_ORIG
            14 00 01 80 08 00 01 00 c6 33 64 01 08 00 02 00 c6 33 64 02
            1c 00 02 80 05 00 01 00 11 00 00 00 06 00 02 00 04 57 00 00 06 00 03 00 1b 5f 00 00
          06 00 12 00 00 07 00 00                          // CTA_ZONE 7
          08 00 0c 00 1b 21 ff 7b                          // CTA_ID
          """))
  }

  @Test("only entries that name one of the addresses, in any of the four places, have a key")
  func keys() throws {
    func hasKey(_ entry: [UInt8], _ addresses: IPv4Address...) throws -> Bool {
      try entry.decoded { payload throws(DecodingFailure) in
        try EntryKey(decoding: payload, ifContaining: Set(addresses)) != nil
      }
    }
    let (host, outside, other) = (
      IPv4Address(198, 51, 100, 1), IPv4Address(198, 51, 100, 2), IPv4Address(172, 30, 0, 3)
    )
    let (published, ipv6) = (try ConntrackGolden.published(), try ConntrackGolden.ipv6())
    for address in [outside, host, guest] { #expect(try hasKey(published, other, address)) }
    #expect(try !hasKey(published, other))
    #expect(try !hasKey(published))
    #expect(try !hasKey(ipv6, IPv4Address(rawValue: 0), host, outside))
  }
}
