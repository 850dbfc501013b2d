import NetTypes
import TestKit

@testable import Tapestry

/// An address that the site's internet answers for, and who reaches it without a rule.
struct EgressPlace: Sendable {
  let address: IPAddress
  let kind: Kind

  enum Kind {
    case internet
    /// Not the internet's, and reached by who may reach all.
    case elsewhere
    /// What the host itself may reach, and no guest does unless a rule says so; or what nobody forwards.
    case closed
  }

  static func all(_ family: IPFamily) -> [EgressPlace] { family == .v4 ? ofIPv4 : ofIPv6 }

  private static func places(_ kind: Kind, _ addresses: IPAddress...) -> [EgressPlace] {
    addresses.map { EgressPlace(address: $0, kind: kind) }
  }

  private static let ofIPv4 =
    places(
      .internet, "198.51.100.2", "203.0.113.7", "192.0.0.9", "192.31.196.1", "1.0.0.1", "9.255.255.255", "11.0.0.0",
      "172.15.0.1", "172.32.0.1")
    + places(
      .elsewhere, "10.0.0.5", "10.255.255.255", "100.64.0.1", "100.127.255.254", "172.16.0.1", "172.31.255.1",
      "192.0.0.1", "192.0.0.11", "192.0.2.1", "192.88.99.1", "192.168.5.5", "198.18.0.1", "198.19.255.255",
      "240.0.0.1", "0.0.0.1")
    + places(.closed, "169.254.169.254", "169.254.0.1", "127.0.0.2", "224.0.0.9")

  private static let ofIPv6 =
    places(
      .internet, "2001:db8:1::2", "2001:db8:ffff::1", "2000::1", "2001:200::1", "2001:1::1", "2001:3::1",
      "2001:4:112::1", "2001:20::1", "2003::1", "2620:4f:8000::1", "3fff:ffff::1", "64:ff9b::c633:6402",
      "64:ff9b::b00:1")
    + places(
      .elsewhere, "fd12:3456::1", "fd00:42::41", "fc00::1", "fec0::1", "64:ff9b::a00:5", "64:ff9b::c0a8:101",
      "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1::4", "2001:2::1", "2001:10::1", "2001:4:113::1",
      "2002:a00:5::1", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "64::1")
    + places(
      .closed, "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fd00:a9fe:a9fe::1",
      "fd00:100::100:200", "fe80::1234", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "ff0e::1")
}

/// Rules of a network and of one of its guests, and what becomes of datagrams by them.
struct EgressCases: Sendable {
  let network: EgressPolicy
  let own: EgressPolicy
  /// Of the guest with rules of its own.
  let cases: [Case]
  /// Of another of the network.
  let others: [Case]

  struct Case: Sendable {
    let address: IPAddress
    let port: UInt16
    let passes: Bool

    init(_ address: IPAddress, _ port: UInt16, _ passes: Bool) {
      (self.address, self.port, self.passes) = (address, port, passes)
    }

    func forgery(_ forger: Forger) -> Forgery {
      forger.udp("\(address) \(port)", to: address, ports: (40_000, port))
    }
  }

  init(_ family: IPFamily) throws {
    let (allow, deny) = (TrafficRule.Verdict.allow, TrafficRule.Verdict.deny)
    switch family {
    case .v4:
      network = EgressPolicy(
        reach: .internet,
        rules: [InnerSite.ping]
          + (try InnerSite.rules(allow, "10.0.0.0/8:53", "169.254.169.254:80", "192.168.0.0/16"))
          + (try InnerSite.rules(deny, "203.0.113.0/24", "192.168.7.0/24", "1.0.0.0/8:25")))
      own = EgressPolicy(
        rules: try InnerSite.rules(allow, "203.0.113.7:443", "192.168.7.7:1000-1001/udp")
          + (try InnerSite.rules(deny, "10.0.0.9", "192.168.5.0/24/udp")))
      cases = [
        .init("203.0.113.7", 443, true), .init("203.0.113.7", 444, false), .init("203.0.113.8", 443, false),
        .init("10.0.0.5", 53, true), .init("10.0.0.5", 54, false), .init("10.0.0.9", 53, false),
        .init("169.254.169.254", 80, true), .init("169.254.169.254", 81, false), .init("169.254.169.253", 80, false),
        .init("192.168.6.1", 9, true), .init("192.168.5.1", 9, false), .init("192.168.7.7", 1000, true),
        .init("192.168.7.7", 1001, true), .init("192.168.7.7", 999, false), .init("192.168.7.7", 1002, false),
        .init("192.168.7.8", 1000, false), .init("1.0.0.1", 24, true), .init("1.0.0.1", 25, false),
        .init("1.0.0.1", 26, true), .init("192.52.193.9", 25, true), .init("100.64.0.1", 80, false),
      ]
      others = [.init("203.0.113.7", 443, false), .init("10.0.0.9", 53, true)]
    case .v6:
      network = EgressPolicy(
        reach: .internet,
        rules: [InnerSite.ping]
          + (try InnerSite.rules(allow, "[fd00::/8]:53", "[fd00:ec2::254]:80", "fd12::/16", "fe80::/9", "10.0.0.0/8"))
          + (try InnerSite.rules(deny, "2001:db8:9::/48", "fd12:7::/32", "[2003::/16]:25", "0.0.0.0/0/udp")))
      own = EgressPolicy(
        rules: try InnerSite.rules(allow, "[2001:db8:9::7]:443", "[fd12:7::7]:1000-1001/udp")
          + (try InnerSite.rules(deny, "fd00::9", "fd12:5::/32/udp")))
      cases = [
        .init("2001:db8:9::7", 443, true), .init("2001:db8:9::7", 444, false), .init("2001:db8:9::8", 443, false),
        .init("fd00::5", 53, true), .init("fd00::5", 54, false), .init("fd00::9", 53, false),
        .init("fd00:ec2::254", 80, true), .init("fd00:ec2::254", 81, false), .init("fd00:ec2::253", 53, false),
        .init("fd12:6::1", 9, true), .init("fd12:5::1", 9, false), .init("fd12:7::7", 1000, true),
        .init("fd12:7::7", 1001, true), .init("fd12:7::7", 999, false), .init("fd12:7::7", 1002, false),
        .init("fd12:7::8", 1000, false), .init("2003::1", 24, true), .init("2003::1", 25, false),
        .init("2003::1", 26, true), .init("fe80::99", 9, false),
        // A rule of IPv4 says nothing of IPv6.
        .init("2001:db8:1::2", 7, true),
      ]
      others = [.init("2001:db8:9::7", 443, false), .init("fd00::9", 53, true)]
    }
  }
}
