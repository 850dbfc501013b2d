import NFTables
import NetTypes
import Testing

@testable import Tapestry

/// Without a kernel: the tables are values.
@Suite("The ruleset, as tables")
struct RulesetTablesTests {
  private static let state = StateMark(id: "0123456789abcdef", path: "/var/lib/tapestry/state.db")

  private static func everything() throws -> Ruleset { try Rehearsal.cast(hasIPv6: true).ruleset }

  /// Of all modes, with all that a guest can have; of one; of none.
  private static func rulesets() throws -> [Ruleset] {
    let desired = try Rehearsal.cast(hasIPv6: true)
    let alone = desired.networks.map { network in
      Desired(networks: [network], guests: desired.guests.filter { $0.network.name == network.name }).ruleset
    }
    let empty = desired.networks.map { Desired(networks: [$0], guests: []).ruleset }
    return [desired.ruleset, try Rehearsal.cast(hasIPv6: false).ruleset] + alone + empty
  }

  @Test("says of networks and guests what it was made of")
  func roundTrip() throws {
    for ruleset in try Self.rulesets() { #expect(Ruleset(ruleset.tables(of: Self.state)) == ruleset) }
  }

  @Test("is intact as it was made, whosever it is where nobody asks")
  func intact() throws {
    for ruleset in try Self.rulesets() {
      let tables = ruleset.tables(of: Self.state)
      #expect(ObservedRuleset(tables, of: Self.state) == .intact(ruleset))
      #expect(ObservedRuleset(tables, of: nil) == .intact(ruleset))
    }
  }

  @Test("is intact with what fills by itself")
  func dynamic() throws {
    let ruleset = try Self.everything()
    var tables = ruleset.tables(of: Self.state)
    let meter = try #require(tables[2].sets.first { $0.id.name == "next_hops" })
    tables[2].elements[meter.id.name] = [Element(.ipv4(IPv4Address(172, 30, 0, 2)), .ipv4(IPv4Address(10, 0, 0, 1)))]
    #expect(ObservedRuleset(tables, of: Self.state) == .intact(ruleset))
  }

  @Test("is missing without a table, and foreign with one that has not our mark")
  func absent() throws {
    #expect(ObservedRuleset([], of: Self.state) == .missing)
    var tables = try Self.everything().tables(of: Self.state)
    tables[1].table.comment = nil
    #expect(ObservedRuleset(tables, of: Self.state) == .foreign)
  }

  @Test(
    "is altered by anything that is gone, is new, is another's or has another place",
    arguments: [
      "a table", "a chain", "a rule", "a set", "an element", "an object", "a new chain", "a new set", "a new element",
      "a new rule", "rules in another order", "another state file", "two state files", "another layout",
      "an element's data",
    ])
  func altered(by what: String) throws {
    let ruleset = try Self.everything()
    var tables = ruleset.tables(of: Self.state)
    let rule = try #require(tables[2].rules.first { $0.chain.name == "forward" })
    switch what {
    case "a table": tables.removeLast()
    case "a chain": tables[2].chains.removeAll { $0.id.name == "related" }
    case "a rule": tables[2].rules.removeAll { $0 == rule }
    case "a set": tables[0].sets.removeAll { $0.id.name == "macs" }
    case "an element": tables[0].elements["macs"]?.removeLast()
    case "an object": tables[0].objects.removeLast()
    case "a new chain": tables[1].add(Chain(tables[1].table.id, "mine"))
    case "a new set": tables[1].add(NamedSet(tables[1].table.id, "mine", .ipv4Address))
    case "a new element":
      tables[0].elements["macs", default: []].append(
        Element(.interface(InterfaceName(known: "tap9")), .ether(MACAddress(2, 0, 0, 0, 0, 9))))
    case "a new rule": tables[2].rules.insert(Rule(in: Chain(rule.chain.table, rule.chain.name), .accept), at: 0)
    case "rules in another order": tables[2].rules.swapAt(0, 1)
    case "another state file": tables = ruleset.tables(of: StateMark(id: "fedcba9876543210", path: Self.state.path))
    case "two state files":
      let other = StateMark(id: "fedcba9876543210", path: Self.state.path)
      tables[2].add(other.set, [other.element])
    case "another layout": tables[2].table.comment = RulesetTables.mark + "0"
    default:
      let reach = try #require(tables[2].elements["guest_reach"]?.first)
      var other = reach
      other.data = .verdict(.accept)
      tables[2].elements["guest_reach"] = [other]
    }
    guard case .altered = ObservedRuleset(tables, of: Self.state) else {
      Issue.record("\(what) goes unseen")
      return
    }
  }

  @Test("has the rules that nft(8) cannot read back only where there are clones")
  func quoting() throws {
    for (mode, isThere) in [(Network.Mode.bridge, false), (.routed, false), (.clone, true)] {
      let desired = try Rehearsal.cast(hasIPv6: true)
      let ruleset = Desired(networks: desired.networks.filter { $0.mode == mode }, guests: []).ruleset
      #expect(ruleset.tables(of: Self.state)[2].rules.contains { $0.chain.name == "quoted_by_clone" } == isThere)
    }
  }

  @Test("rules of IPv6 are facts only where there is IPv6")
  func facts() throws {
    var network = World().network
    network.subnet6 = Site.prefix6
    network.settings.egress = EgressPolicy(
      rules: try [Traffic](parsing: "2001:db8::/32").map { TrafficRule(.allow, $0) })
    #expect(Ruleset.NetworkFacts(network).rules.count == 1)
    network.subnet6 = nil
    #expect(Ruleset.NetworkFacts(network).rules.isEmpty)
  }
}
