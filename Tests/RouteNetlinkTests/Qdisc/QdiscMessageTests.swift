import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Queueing discipline messages")
struct QdiscMessageTests {
  private func decode(_ bytes: some Collection<UInt8>) throws(DecodingFailure) -> RootQdisc? {
    try Array(bytes).decoded { span throws(DecodingFailure) in try RootQdisc(decoding: span) }
  }

  @Test(
    "a token bucket is written as tc does, but for the table of times that no kernel looks at since 3.14, and read alike"
  )
  func tokenBucket() throws {
    let qdisc = RootQdisc(.tokenBucket(TokenBucket(rate: 125_000, burst: 32_768, limit: 65_536)), linkIndex: 2)
    let raw = try golden(
      """
      60 00 00 00 24 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWQDISC, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      00 00 00 00 02 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00  // tcmsg: index 2, TC_H_ROOT
      08 00 01 00 74 62 66 00  // TCA_KIND "tbf"
      34 00 02 00  // TCA_OPTIONS
        28 00 01 00  // TCA_TBF_PARMS
          00 01 00 00 00 00 00 00 48 e8 01 00  // rate: TC_LINKLAYER_ETHERNET, 125000
          00 00 00 00 00 00 00 00 00 00 00 00  // no peak rate
          00 00 01 00  // limit
          00 80 3e 00  // 32768 bytes last 4096000 ticks
          00 00 00 00
        08 00 06 00 00 80 00 00  // TCA_TBF_BURST
      """)
    #expect(bytes { $0.replace(qdisc) } == raw)
    #expect(try decode(Array(raw.dropFirst(16)).withHandle) == qdisc)
  }

  @Test("a rate of more than 32 bits has an attribute of its own")
  func large() throws {
    let qdisc = RootQdisc(
      .tokenBucket(TokenBucket(rate: 12_500_000_000, burst: 1 << 20, limit: 2 << 20)), linkIndex: 2)
    let raw = try golden(
      """
      00 00 00 00 02 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00  // tcmsg: index 2, TC_H_ROOT
      08 00 01 00 74 62 66 00  // TCA_KIND "tbf"
      40 00 02 00  // TCA_OPTIONS
        28 00 01 00  // TCA_TBF_PARMS
          00 01 00 00 00 00 00 00 ff ff ff ff  // rate
          00 00 00 00 00 00 00 00 00 00 00 00  // no peak rate
          00 00 20 00  // limit
          1e 05 00 00  // 1310 ticks
          00 00 00 00
        0c 00 04 00 00 dd 0e e9 02 00 00 00  // TCA_TBF_RATE64
        08 00 06 00 00 00 10 00  // TCA_TBF_BURST
      """)
    #expect(payload { $0.append(qdisc) } == raw)
    #expect(try decode(raw.withHandle) == qdisc)
  }

  /// As Linux 6.18 tells of it, but for the statistics' values.
  private static func dumped(_ parameters: String) -> String {
    """
    00 00 00 00 02 00 00 00 00 00 01 80 ff ff ff ff 03 00 00 00  // tcmsg: index 2, handle 8001:, TC_H_ROOT, used thrice
    08 00 01 00 74 62 66 00  // TCA_KIND "tbf"
    2c 00 02 00  // TCA_OPTIONS
      28 00 01 00  // TCA_TBF_PARMS
        \(parameters)
    05 00 0c 00 00 00 00 00  // TCA_HW_OFFLOAD
    08 00 07 00 00 00 00 00  // TCA_STATS2
    08 00 03 00 00 00 00 00  // TCA_STATS
    """
  }

  @Test("what the kernel tells of a token bucket is read")
  func kernel() throws {
    let raw = try golden(
      Self.dumped(
        """
        00 01 00 00 00 00 00 00 7d 00 00 00  // rate: TC_LINKLAYER_ETHERNET, 125
        00 00 00 00 00 00 00 00 00 00 00 00  // no peak rate
        00 0c 00 00  // limit: 3072
        00 40 42 0f  // 256000000 ticks of 64 ns
        00 00 00 00
        """))
    #expect(
      try decode(raw)
        == RootQdisc(.tokenBucket(TokenBucket(rate: 125, burst: 2048, limit: 3072)), linkIndex: 2))
  }

  @Test("a token bucket with more than a rate is kept as it is, and can be written again")
  func more() throws {
    let more = [
      ("00 01 04 00 00 00 00 00", "00 00 00 00"), ("00 02 00 00 00 00 00 00", "00 00 00 00"),
      ("00 01 00 00 00 00 40 00", "00 00 00 00"), ("00 01 00 00 00 00 00 00", "00 01 00 00"),
    ]
    for (rate, peakRate) in more {
      let raw = try golden(
        Self.dumped(
          """
          \(rate) 7d 00 00 00  // rate
          00 00 00 00 00 00 00 00 \(peakRate)  // peak rate
          00 0c 00 00 00 40 42 0f 00 00 00 00  // limit, burst, that of the peak rate
          """))
      let qdisc = try #require(try decode(raw))
      #expect(qdisc.kind == .other(name: "tbf", options: Array(raw[32..<72])))
      #expect(try decode(payload { $0.append(qdisc) }.withHandle) == qdisc)
      #expect(qdisc.normalForm == qdisc)
    }
  }

  @Test("what the kernel gave a link by itself, and what is no root, is passed over; a cut message is refused")
  func strange() throws {
    let kind = "08 00 01 00 74 62 66 00"
    #expect(try decode(golden("00 00 00 00 02 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00 \(kind)")) == nil)
    #expect(try decode(golden("00 00 00 00 02 00 00 00 00 00 01 80 01 00 01 80 00 00 00 00 \(kind)")) == nil)
    #expect(throws: DecodingFailure.self) { try decode(golden("00 00 00 00 02 00 00 00 00 00 01 80")) }
    #expect(throws: DecodingFailure.self) {
      try decode(golden("00 00 00 00 02 00 00 00 00 00 01 80 ff ff ff ff 00 00 00 00 08 00 01 00 74 62"))
    }
  }

  @Test("deleting says the link and the kind")
  func delete() throws {
    let raw = try golden(
      """
      2c 00 00 00 25 00 01 00 00 00 00 00 00 00 00 00  // RTM_DELQDISC, NLM_F_REQUEST
      00 00 00 00 02 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00  // tcmsg: index 2, TC_H_ROOT
      08 00 01 00 74 62 66 00  // TCA_KIND "tbf"
      """)
    #expect(bytes { $0.deleteTokenBucket(linkIndex: 2) } == raw)
  }

  @Test("operations say which discipline and which link")
  func words() {
    var batch = RouteBatch()
    batch.replace(RootQdisc(.tokenBucket(TokenBucket(rate: 1, burst: 1, limit: 1)), linkIndex: 2), linkName: "tap0")
    batch.replace(RootQdisc(.other(name: "pfifo", options: []), linkIndex: 2))
    batch.deleteTokenBucket(linkIndex: 2, linkName: "tap0")
    #expect(
      batch.operations == [
        "set root qdisc tbf of tap0", "set root qdisc pfifo of link 2", "delete root qdisc tbf of tap0",
      ])
  }

  @Test("the normal form of a burst is a normal form, differs by little, and up to 15 MB a second not at all")
  func normalForm() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let rate = UInt64(1) << UInt64.random(in: 0..<40, using: &random) + UInt64.random(in: 0..<1000, using: &random)
      let bucket = TokenBucket(rate: rate, burst: UInt32.random(in: 0...(8 << 20), using: &random), limit: 1)
      let normal = bucket.normalForm
      #expect(normal.normalForm == normal)
      guard UInt64(bucket.burst) / rate < 274 else { continue }
      #expect(normal.burst <= bucket.burst)
      // A tick's bytes, and one for each rounding.
      #expect(UInt64(bucket.burst - normal.burst) <= (rate <= 15_000_000 ? 0 : rate * 64 / 1_000_000_000 + 2))
    }
    for rate: UInt64 in [0, .max, 1 << 63] {
      let normal = TokenBucket(rate: rate, burst: .max, limit: 1).normalForm
      #expect(normal.normalForm == normal)
    }
  }
}

extension [UInt8] {
  /// A request has no handle; the kernel gives one.
  fileprivate var withHandle: [UInt8] { self[..<8] + [0, 0, 1, 0x80] + self[12...] }
}
