import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Traffic")
struct TrafficTests {
  @Test(
    "is written as address, ports and protocol, and read back the same",
    arguments: [
      "10.0.0.0/8", "0.0.0.0/0", "203.0.113.7", "203.0.113.7/tcp", "10.0.0.0/8:443/tcp", "10.0.0.0/8:8000-8010/udp",
      "192.0.2.0/24/icmp", "10.0.0.0/8/ip47", "10.0.0.0/8/ip7-16", "1.2.3.4:0-24/tcp", "::/0", "2001:db8::/32",
      "2001:db8::7", "2001:db8::7/tcp", "[2001:db8::7]:443/tcp", "[2001:db8::/32]:8000-8010/udp", "2001:db8::/32/icmp",
      "2001:db8::/32/ip1", "192.0.2.0/24/ip58", "[::]:53/udp", "::ffff:10.0.0.0/104",
    ])
  func text(text: String) throws {
    let traffic = try [Traffic](parsing: text)
    #expect(traffic.map(\.description) == [text])
  }

  @Test("with ports and no protocol is of TCP and of UDP")
  func bothTransports() throws {
    #expect(try [Traffic](parsing: "10.0.0.5:53").map(\.description) == ["10.0.0.5:53/tcp", "10.0.0.5:53/udp"])
    #expect(try [Traffic](parsing: "10.0.0.5/32").map(\.description) == ["10.0.0.5"])
    #expect(try [Traffic](parsing: "[fd00::5]:53").map(\.description) == ["[fd00::5]:53/tcp", "[fd00::5]:53/udp"])
    #expect(try [Traffic](parsing: "[fd00::5/128]").map(\.description) == ["fd00::5"])
    #expect(try [Traffic](parsing: "[2001:DB8::/32]/icmp").first?.protocols == 58...58)
  }

  @Test(
    "that is written in no such way is refused",
    arguments: [
      "", "10", "10/8", "10.1.2.3/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/8:", "10.0.0.0/8:x", "10.0.0.0/8:65536",
      "10.0.0.0/8:10-9", "10.0.0.0/8:1-2-3", "10.0.0.0/8:+1", "10.0.0.0/8:01", "10.0.0.0/8:80/icmp", "10.0.0.0/8/sctp",
      "10.0.0.0/8/ip256", "10.0.0.0/8:80/ip6-7", "10.0.0.0/8/tcp/udp", "example.org", "10.0.0.0/8 ", "010.0.0.0/8",
      "2001:db8::1/32", "2001:db8::/129", "2001:db8:/32", "[2001:db8::/32", "2001:db8::/32]:443", "[2001:db8::1]443",
      "[2001:db8::1]/32:443", "[10.0.0.1]:443", "[]", "[]:443", "[2001:db8::1]:", "[[2001:db8::1]]:443", "fe80::1%eth0",
      "[2001:db8::1]:443/icmp", ":443", "::1:443/0",
    ])
  func refused(text: String) {
    let error = #expect(throws: TapestryError.self) { try [Traffic](parsing: text) }
    #expect(error?.code == .invalidPolicy)
    #expect(error?.message.contains("'\(text)'") == true)
  }

  @Test("less other traffic is what only the first contains, in parts that share nothing", arguments: 0..<200)
  func difference(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let (one, other) = (Traffic.random(&generator), Traffic.random(&generator))
    let parts = one.subtracting(other)
    for (index, part) in parts.enumerated() {
      #expect(parts.dropFirst(index + 1).allSatisfy { !$0.overlaps(part) })
    }
    for _ in 0..<200 {
      let packet = Packet.random(&generator)
      let expected = packet.isIn(one) && !packet.isIn(other)
      #expect(parts.contains(where: packet.isIn) == expected, "\(packet): \(one) less \(other)")
    }
  }
}

@Suite("Rules")
struct TrafficRuleTests {
  @Test("without overlaps decide as the first of those that match, by rank", arguments: 0..<100)
  func disjoint(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let rules = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
      TrafficRule(Bool.random(using: &generator) ? .allow : .deny, .random(&generator))
    }
    let placed = rules.disjoint()
    for (index, rule) in placed.enumerated() {
      #expect(placed.dropFirst(index + 1).allSatisfy { !$0.traffic.overlaps(rule.traffic) })
    }
    for _ in 0..<300 {
      let packet = Packet.random(&generator)
      let verdict = rules.filter { packet.isIn($0.traffic) }.min { ranks($0, before: $1) }?.verdict
      #expect(placed.first { packet.isIn($0.traffic) }?.verdict == verdict, "\(packet): \(rules)")
    }
    // What they come to can be written down, and comes to the same again.
    let again = placed.flatMap { rule in
      ((try? [Traffic](parsing: rule.traffic.description)) ?? []).map { TrafficRule(rule.verdict, $0) }
    }
    #expect(Set(again) == Set(placed))
    #expect(Set(again.disjoint()) == Set(placed))
  }

  @Test("in ranges, and from them in rules again, say the same, and are as few as they can be", arguments: 0..<100)
  func ranges(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let rules = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
      TrafficRule(Bool.random(using: &generator) ? .allow : .deny, .random(&generator))
    }.disjoint()
    let again = rules.ranges.flatMap(\.rules)
    #expect(again.count <= rules.count)
    #expect(again.ranges == rules.ranges && Set(again.ranges.flatMap(\.rules)) == Set(again))
    for _ in 0..<300 {
      let packet = Packet.random(&generator)
      #expect(
        again.first { packet.isIn($0.traffic) }?.verdict == rules.first { packet.isIn($0.traffic) }?.verdict)
    }
  }

  @Test("of a prefix without one address are two ranges beside it, and what is closed stays by itself")
  func gaps() throws {
    func ranges(_ allow: String..., deny: String) throws -> [TrafficRange] {
      let rules =
        try allow.flatMap([Traffic].init(parsing:)).map { TrafficRule(.allow, $0) }
        + (try [Traffic](parsing: deny).map { TrafficRule(.deny, $0) })
      let policy = EgressPolicy(rules: rules)
      #expect(EgressPolicy(rules: Array(policy.disjointRules)).disjointRules == policy.disjointRules)
      return policy.disjointRules.ranges
    }
    #expect(try ranges("2001:db8::/32", deny: "2001:db8::7").count == 3)
    #expect(try ranges("10.0.0.0/8", deny: "10.0.0.7").count == 3)
    // 0.0.0.0/0 but for 169.254.0.0/16, and ::/0 but for six prefixes.
    #expect(try ranges("0.0.0.0/0", deny: "10.0.0.7").count == 4)
    #expect(try ranges("::/0", deny: "2001:db8::7").count == 9)
    #expect(try ranges("::/0", "fd00:ec2::/32", deny: "2001:db8::7").count == 10)
    #expect(try ranges("0.0.0.0/0", "::/0", deny: "255.255.255.255").count == 10)
  }

  /// What the documentation says: the longer prefix, then fewer ports, then fewer protocols, then the denial.
  private func ranks(_ one: TrafficRule, before other: TrafficRule) -> Bool {
    let (a, b) = (one.traffic, other.traffic)
    if a.destination.prefixLength != b.destination.prefixLength {
      return a.destination.prefixLength > b.destination.prefixLength
    }
    if a.ports.count != b.ports.count { return a.ports.count < b.ports.count }
    if a.protocols.count != b.protocols.count { return a.protocols.count < b.protocols.count }
    return one.verdict == .deny && other.verdict == .allow
  }

  @Test("open 169.254.0.0/16 only by a prefix within it")
  func linkLocal() throws {
    let metadata = Packet(address: .v4(IPv4Address(169, 254, 169, 254)), protocolNumber: 6, port: 80)
    func opens(_ texts: String...) throws -> Bool {
      let policy = EgressPolicy(rules: try texts.flatMap([Traffic].init(parsing:)).map { TrafficRule(.allow, $0) })
      return policy.disjointRules.contains { metadata.isIn($0.traffic) }
    }
    #expect(try !opens("0.0.0.0/0"))
    #expect(try !opens("169.0.0.0/8:80/tcp"))
    #expect(try opens("169.254.0.0/16"))
    #expect(try opens("169.254.169.254:80/tcp", "0.0.0.0/0"))
    #expect(try !opens("::/0"))
  }

  @Test("open the metadata of clouds in IPv6 only by a prefix as long", arguments: SpecialUse.metadata6)
  func metadata6(prefix: IPv6Prefix) throws {
    let metadata = Packet(address: .v6(prefix.lastAddress), protocolNumber: 6, port: 80)
    func opens(_ text: String) throws -> Bool {
      let policy = EgressPolicy(rules: try [Traffic](parsing: text).map { TrafficRule(.allow, $0) })
      return policy.disjointRules.contains { metadata.isIn($0.traffic) }
    }
    #expect(try !opens("::/0"))
    #expect(try !opens("fd00::/8"))
    #expect(try opens("\(prefix)"))
    #expect(try opens("\(prefix.lastAddress)"))
  }

  @Test("of one family say nothing of the other")
  func families() throws {
    let four = try [Traffic](parsing: "0.0.0.0/0"), six = try [Traffic](parsing: "::/0")
    #expect(!four[0].contains(.v6(IPv6Address(rawValue: 1)), protocolNumber: 6, port: 80))
    #expect(!six[0].contains(.v4(IPv4Address(10, 0, 0, 1)), protocolNumber: 6, port: 80))
    #expect(!four[0].overlaps(six[0]) && four[0].subtracting(six[0]) == four)
  }

  @Test("of a policy are written in words, and read back")
  func words() throws {
    for text in [
      "", "internet", "none allow 10.0.0.5:53/udp", "deny 10.0.0.0/8 allow 203.0.113.7",
      "none domain example.org domain *.example.org", "allow 10.0.0.5 domain domain",
    ] {
      let policy = try #require(EgressPolicy(text: text))
      #expect(policy.description == text)
    }
    for text in ["some", "allow", "internet permit 10.0.0.0/8", "allow 10.0.0.1/8", "domain", "domain 10.0.0.1"] {
      #expect(EgressPolicy(text: text) == nil)
    }
  }
}

@Suite("Host access")
struct HostAccessTests {
  @Test("is written in services, and read back")
  func text() throws {
    for text in ["none", "icmp", "dns,icmp", "all", "8000-8010/udp,8080/tcp,icmp"] {
      #expect(try HostAccess(parsing: text).description == text)
    }
    for text in ["", "icmp,", "ping", "80", "80/icmp", "tcp", "none,icmp", "0/tcp", "9-8/tcp", "65536/tcp"] {
      let error = #expect(throws: TapestryError.self) { try HostAccess(parsing: text) }
      #expect(error?.code == .invalidPolicy)
    }
  }
}

/// The parts of a packet that a policy looks at.
struct Packet {
  var address: IPAddress
  var protocolNumber: UInt8
  var port: UInt16

  func isIn(_ traffic: Traffic) -> Bool { traffic.contains(address, protocolNumber: protocolNumber, port: port) }

  /// Out of few values, so that much of it matches much.
  static func random(_ generator: inout SeededGenerator) -> Packet {
    let number = UInt8.random(in: 0...31, using: &generator)
    return Packet(
      address: Bool.random(using: &generator)
        ? .v4(IPv4Address(10, 0, 0, number)) : .v6(IPv6Address(rawValue: 0xfd << 120 | UInt128(number))),
      protocolNumber: [1, 6, 17, 47].randomElement(using: &generator) ?? 6,
      port: UInt16.random(in: 0...7, using: &generator))
  }
}

extension Traffic {
  static func random(_ generator: inout SeededGenerator) -> Traffic {
    let host = Int.random(in: 0...5, using: &generator)
    var traffic = Traffic(to: .host(Packet.random(&generator).address))
    switch traffic.destination {
    case .v4(let prefix):
      if let prefix = try? IPv4Prefix(containing: prefix.address, prefixLength: 32 - host) {
        traffic.destination = .v4(prefix)
      }
    case .v6(let prefix):
      if let prefix = try? IPv6Prefix(containing: prefix.address, prefixLength: 128 - host) {
        traffic.destination = .v6(prefix)
      }
    }
    let number = [Self.icmp, Self.tcp, Self.udp].randomElement(using: &generator)
    if let number, Bool.random(using: &generator) {
      traffic.protocols = number...number
      if number != Self.icmp, Bool.random(using: &generator) {
        let first = UInt16.random(in: 0...7, using: &generator)
        traffic.ports = first...UInt16.random(in: first...7, using: &generator)
      }
    }
    return traffic
  }
}
