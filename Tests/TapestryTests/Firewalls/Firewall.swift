import NetTypes
import Tapestry
import TestKit
import Testing

/// A firewall of somebody else's, as it comes up on a host: it drops what is forwarded and unknown to it.
struct Firewall: Sendable, CustomTestStringConvertible {
  var name: String
  /// The chain that our rules are in.
  var place: String
  /// Whose packets it drops. Guests of a network with IPv6 have both families.
  var family = IPFamily.v4
  /// Whether it drops those of the other family too.
  var dropsBoth = false
  /// As words of sh(1).
  var start: String
  /// Prints the place's rules.
  var rules: String
  /// Prints everything that the firewall holds, but what changes by itself.
  var contents: String
  /// Makes it as it was after `start`.
  var reload: String

  var testDescription: String { name }

  /// How many rules of ours a network of the family has in the place.
  var ruleCount: Int { place.hasPrefix("inet") && family == .v6 ? 4 : 2 }
  /// How many chains, or families of one chain, are amiss for a network of the family.
  var driftCount: Int { dropsBoth && family == .v6 ? 2 : 1 }

  static func program(_ family: IPFamily, _ variant: String) -> String {
    (family == .v6 ? "ip6tables-" : "iptables-") + variant
  }

  /// With the words in which the families' programs differ.
  private static func iptables(
    _ family: IPFamily, _ variant: String, _ name: String, _ commands: String...
  ) -> Firewall {
    let program = program(family, variant)
    let start = commands.map { "\(program) \($0)" }.joined(separator: "\n")
    return Firewall(
      name: "\(name) of \(program)", place: "FORWARD", family: family, start: start, rules: "\(program) -S FORWARD",
      contents: "\(program)-save | sed -e '/^#/d' -e 's/\\[.*\\]//'",
      reload: "\(program) -F; \(program) -X; \(start)")
  }

  /// What Docker makes on its start, and a container with a published port adds.
  private static func docker(_ family: IPFamily, _ variant: String) -> Firewall {
    let container = family == .v6 ? "fd00:d0c::2/128" : "172.17.0.2/32"
    return iptables(
      family, variant, "Docker's chains",
      "-P FORWARD DROP", "-N DOCKER", "-N DOCKER-ISOLATION-STAGE-1", "-N DOCKER-ISOLATION-STAGE-2", "-N DOCKER-USER",
      "-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
      "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A FORWARD -o docker0 -j DOCKER", "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
      "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
      "-A DOCKER -d \(container) ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
      "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
      "-A DOCKER-ISOLATION-STAGE-1 -j RETURN", "-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP",
      "-A DOCKER-ISOLATION-STAGE-2 -j RETURN", "-A DOCKER-USER -j RETURN")
  }

  private static func nft(
    _ family: IPFamily, _ name: String, _ table: String, _ chain: String, dropsBoth: Bool = false, _ rules: String
  ) -> Firewall {
    let definition = "table \(table) { chain \(chain) { type filter hook forward priority 0; \(rules)\n}\n}"
    return Firewall(
      name: name, place: "\(table) \(chain)", family: family, dropsBoth: dropsBoth, start: "nft '\(definition)'",
      rules: "nft -s list chain \(table) \(chain)", contents: "nft -s list table \(table)",
      reload: "nft delete table \(table); nft '\(definition)'")
  }

  private static func iptables(_ family: IPFamily) -> [Firewall] {
    ["nft", "legacy"].flatMap { variant in
      [
        iptables(family, variant, "policy DROP", "-P FORWARD DROP"),
        iptables(
          family, variant, "REJECT as the last rule", "-A FORWARD -i lo -j ACCEPT", "-A FORWARD -j REJECT",
          "-A FORWARD -d \(family == .v6 ? "fd00::/8" : "10.0.0.0/8") -j ACCEPT"),
        docker(family, variant),
      ]
    } + [mangling(family)]
  }

  /// A table of iptables-legacy other than `filter`.
  private static func mangling(_ family: IPFamily) -> Firewall {
    let program = family == .v6 ? "ip6tables-legacy" : "iptables-legacy"
    let start = "\(program) -t mangle -P FORWARD DROP"
    return Firewall(
      name: "policy DROP of \(program) -t mangle", place: "FORWARD", family: family, start: start,
      rules: "\(program) -t mangle -S FORWARD",
      contents: "\(program)-save -t mangle | sed -e '/^#/d' -e 's/\\[.*\\]//'",
      reload: "\(program) -t mangle -F; \(start)")
  }

  /// Those that drop packets of a family.
  static func dropping(_ family: IPFamily) -> [Firewall] {
    let (table, icmp) = family == .v4 ? ("ip", "icmp") : ("ip6", "icmpv6")
    return iptables(family) + [
      nft(
        family, "a table of nft's, which drops \(family)", "inet filter", "forward", dropsBoth: true,
        "policy drop; ct state vmap { invalid : drop }"),
      nft(
        family, "a table of nft's that rejects \(family)", "\(table) mine", "passing",
        "policy accept; iifname { lo, docker0 } accept; counter reject with \(icmp) type admin-prohibited"),
    ]
  }

  static let all = IPFamily.allCases.flatMap(dropping)
}

extension Site {
  func sh(_ script: String) async throws -> String { try await host.command("sh", "-ec", script) }

  /// How many rules of ours there are in the firewall.
  func count(_ firewall: Firewall, of network: Identifier = "default") async throws -> Int {
    try await sh(firewall.rules).split(separator: "\n").count { $0.contains("\"tapestry: network \(network)\"") }
  }
}
