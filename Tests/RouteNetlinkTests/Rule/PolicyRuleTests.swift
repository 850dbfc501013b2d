import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Rules of policy routing")
struct PolicyRuleTests {
  private func decode(_ bytes: some Collection<UInt8>) throws(DecodingFailure) -> PolicyRule? {
    try Array(bytes).decoded { span throws(DecodingFailure) in try PolicyRule(decoding: span) }
  }

  @Test("are read with all that they ask for; no bytes trap")
  func decoding() throws {
    let raw = try golden(
      """
      02 10 18 00 00 00 00 01 02 00 00 00              // fib_rule_hdr: AF_INET, to a /16, from a /24, lookup, inverted
      08 00 01 00 0a 09 00 00                          // FRA_DST 10.9.0.0
      08 00 02 00 ac 1e 00 00                          // FRA_SRC 172.30.0.0
      0a 00 03 00 65 74 68 30 00 00 00 00              // FRA_IIFNAME eth0
      08 00 06 00 64 00 00 00                          // FRA_PRIORITY 100
      08 00 0a 00 6c ca 00 00                          // FRA_FWMARK
      08 00 0e 00 00 00 00 00                          // FRA_SUPPRESS_PREFIXLEN 0
      08 00 0f 00 6c ca 00 00                          // FRA_TABLE 51820
      """)
    var rule = PolicyRule(.v4, .lookup(RouteTable(rawValue: 51_820)))
    rule.priority = 100
    rule.destination = try IPPrefix(parsing: "10.9.0.0/16")
    rule.source = try IPPrefix(parsing: "172.30.0.0/24")
    rule.inputLink = "eth0"
    rule.hasMark = true
    rule.isInverted = true
    rule.suppressedPrefixLength = 0
    #expect(try decode(raw) == rule)
    for length in 0..<raw.count { _ = try? decode(raw.prefix(length)) }
    for place in raw.indices {
      for value: UInt8 in [0, 1, 0x7f, 0xff] {
        var bytes = Array(raw)
        bytes[place - raw.startIndex] = value
        _ = try? decode(bytes)
      }
    }
  }

  @Test("of the kernel are those that ip-rule has made", .needsKernel)
  func kernel() async throws {
    try await withNamespace { namespace in
      for words in [
        "from 172.30.0.0/24 iif lo lookup 100 pref 10", "to 10.0.0.0/8 unreachable pref 11",
        "not fwmark 0x1 lookup 101 pref 12", "lookup main suppress_prefixlength 0 pref 13",
        "ipproto tcp dport 80 lookup 102 pref 14",
        "uidrange 1000-1000 lookup 103 pref 15", "oif lo blackhole pref 16", "tos 0x10 lookup 104 pref 17",
      ] {
        _ = try await namespace.command(
          "sh", "-c", "ip rule add \(words); ip -6 rule add from fd00::/8 prohibit pref 9 2>/dev/null || true")
      }
      let rules = try await namespace.route { try $0.rules(.v4) }
      #expect(rules.map(\.priority) == [0, 10, 11, 12, 13, 14, 15, 16, 17, 32_766, 32_767])
      #expect(try rules[1].source == IPPrefix(parsing: "172.30.0.0/24") && rules[1].inputLink == "lo")
      #expect(rules[1].action == .lookup(RouteTable(rawValue: 100)) && !rules[1].hasMore && !rules[1].hasMark)
      #expect(try rules[2].destination == IPPrefix(parsing: "10.0.0.0/8") && rules[2].action == .refuse)
      #expect(rules[3].hasMark && rules[3].isInverted)
      #expect(rules[4].suppressedPrefixLength == 0 && rules[4].action == .lookup(.main))
      #expect(rules[5].hasMore && rules[6].hasMore && rules[8].hasMore)
      #expect(rules[7].outputLink == "lo" && rules[7].action == .refuse)
      let rules6 = try await namespace.route { try $0.rules(.v6) }
      let prefix6 = try IPPrefix(parsing: "fd00::/8")
      #expect(rules6.contains { $0.source == prefix6 && $0.action == .refuse && $0.priority == 9 })
    }
  }
}
