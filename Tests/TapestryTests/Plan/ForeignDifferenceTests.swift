import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("The difference that others' firewalls make")
struct ForeignDifferenceTests {
  private let world = World()
  private static let forward = ForeignChain(table: .ip("filter"), name: "FORWARD")
  private static let dockerUser = ForeignChain(table: .ip("filter"), name: "DOCKER-USER")
  private var prefix: IPPrefix { .v4(world.network.subnet.prefix) }
  private var step: Step { .addAccepts(.default, prefix, Self.forward) }

  private func difference(
    _ desired: Desired? = nil, _ change: (inout ForeignForward) -> Void = { _ in }
  ) -> Plan {
    var observed = world.observed
    var forward = ForeignForward(chain: Self.forward, family: .v4, place: Self.forward, drops: true)
    change(&forward)
    observed.foreignForwards = [forward]
    return Plan.difference(desired ?? world.desired, observed)
  }

  /// The rules that let the network through.
  private func rules(
    in chain: ForeignChain = forward, of network: Identifier = .default
  ) -> [ForeignForward.Marked] {
    ForeignForward.acceptances(prefix).map { .init(chain: chain, network: network, accepts: $0) }
  }

  @Test("a network is let through a chain that drops, and left alone where it passes")
  func letThrough() {
    let plan = difference()
    #expect(plan.steps == [step])
    #expect(plan.items.map(\.network) == [.default] && plan.items.map(\.key) == [nil])
    #expect(difference { $0.drops = false }.isEmpty)
    #expect(difference { $0.marked = rules() }.isEmpty)
    #expect(difference { $0.accepted = Set(rules().compactMap(\.accepts)) }.isEmpty)
  }

  @Test("one direction alone, another subnet, a rule too many, and one that says something else are mended")
  func altered() throws {
    #expect(difference { $0.marked = [rules()[0]] }.steps == [step])
    #expect(
      difference { $0.accepted = [rules()[0].accepts].compactMap(\.self).reduce(into: []) { $0.insert($1) } }.steps == [
        step
      ])
    let other = try IPPrefix(parsing: "172.30.0.0/20")
    #expect(
      difference {
        $0.marked = rules().map {
          .init(chain: $0.chain, network: $0.network, accepts: .init(end: .source, prefix: other))
        }
      }.steps == [step])
    #expect(difference { $0.marked = rules() + [rules()[1]] }.steps == [step])
    #expect(difference { $0.marked = rules() + [.init(chain: Self.forward, network: .default)] }.steps == [step])
  }

  @Test("rules of a network that is gone, of a chain that drops no more, or in the wrong chain are taken out")
  func retract() throws {
    let gone = try #require(Identifier(text: "gone"))
    let plan = difference { $0.marked = rules() + rules(of: gone) }
    #expect(plan.steps == [.removeAccepts(gone, .v4, Self.forward)])
    #expect(plan.items.map(\.network) == [gone])
    #expect(plan.removals.steps == plan.steps)
    #expect(plan.concerning(.default).isEmpty)

    let obsolete = difference {
      $0.drops = false
      $0.marked = rules()
    }
    #expect(obsolete.steps == [.removeAccepts(.default, .v4, Self.forward)])

    let moved = difference {
      $0.place = Self.dockerUser
      $0.marked = rules()
    }
    #expect(
      moved.steps == [
        .addAccepts(.default, prefix, Self.dockerUser), .removeAccepts(.default, .v4, Self.forward),
      ])
  }

  @Test("rules before a denial, or behind what drops all, are put in their place; of a chain in two ways, once")
  func misplaced() {
    func misplaced(_ forward: inout ForeignForward) {
      forward.marked = rules().map {
        .init(chain: $0.chain, network: $0.network, accepts: $0.accepts, isInPlace: false)
      }
    }
    let plan = difference(nil, misplaced)
    #expect(plan.steps == [step])
    #expect(plan.items[0].drift.contains("before a rule that drops some"))
    var observed = world.observed
    let two = ["FORWARD", "other"].map {
      ForeignForward(
        chain: ForeignChain(table: .ip("filter"), name: $0), family: .v4, place: Self.forward, drops: true,
        marked: rules())
    }
    observed.foreignForwards = two
    #expect(Plan.difference(world.desired, observed).isEmpty)
    observed.foreignForwards[0].drops = false
    #expect(Plan.difference(world.desired, observed).isEmpty)
    observed.foreignForwards[1].drops = false
    #expect(Plan.difference(world.desired, observed).steps == [.removeAccepts(.default, .v4, Self.forward)])
  }

  @Test("a network that is to have no rules there has none, and is no drift for it")
  func closed() {
    var desired = world.desired
    desired.networks[0].settings.opensFirewalls = false
    for place in desired.guests.indices { desired.guests[place].network.settings.opensFirewalls = false }
    let foreign = { (plan: Plan) in plan.steps.filter { if case .changeRuleset = $0 { false } else { true } } }
    #expect(foreign(difference(desired)) == [])
    #expect(foreign(difference(desired) { $0.marked = rules() }) == [.removeAccepts(.default, .v4, Self.forward)])
    #expect(foreign(difference(desired) { $0.obstacle = .owned }) == [])
    #expect(difference(desired) { $0.obstacle = .owned }.notices.isEmpty)
  }

  @Test("where nothing is desired, the rules go before the ruleset does")
  func last() {
    let steps = difference(Desired()) { $0.marked = rules() }.steps
    #expect(Array(steps.suffix(2)) == [.removeAccepts(.default, .v4, Self.forward), .removeRuleset])
  }

  @Test("what only its owner can change is told, and keeps nobody from going on")
  func owned() {
    let plan = difference { $0.obstacle = .owned }
    #expect(plan.steps.isEmpty && plan.conflicts.isEmpty)
    #expect(plan.notices.map(\.error.code) == [.notOwned])
    #expect(plan.drift.map(\.step) == [nil])
    #expect(plan.notices[0].error.message.contains("iptables -I FORWARD -s 172.30.0.0/24 -j ACCEPT"))
    // One way is enough: the answers belong to connections.
    let passed = difference {
      $0.obstacle = .owned
      $0.accepted = [.init(end: .source, prefix: prefix)]
    }
    #expect(passed.isEmpty)
    #expect(
      difference {
        $0.obstacle = .unreadable("EBADMSG"); $0.drops = false
      }.isEmpty)
  }

  @Test("IPv6 is let through for the networks that have it, and taken out for those that no longer do")
  func families() throws {
    let prefix6 = try IPv6Prefix(parsing: "fd00:7::/64")
    var desired = world.desired
    var forward6 = ForeignForward(chain: Self.forward, family: .v6, place: Self.forward, drops: true)
    forward6.chain.table = .ip6("filter")
    forward6.place = forward6.chain
    var observed = world.observed
    observed.foreignForwards = [forward6]
    #expect(Plan.difference(desired, observed).isEmpty)

    let rules6 = ForeignForward.acceptances(.v6(prefix6)).map {
      ForeignForward.Marked(chain: forward6.chain, network: .default, accepts: $0)
    }
    observed.foreignForwards[0].marked = rules6
    #expect(Plan.difference(desired, observed).steps == [.removeAccepts(.default, .v6, forward6.chain)])
    #expect(Plan.difference(desired, observed).steps[0].description.contains("IPv6 accept rules"))

    desired.networks[0].subnet6 = prefix6
    func foreign() -> [Step] {
      Plan.difference(desired, observed).steps.filter {
        switch $0 {
        case .addAccepts, .removeAccepts: true
        default: false
        }
      }
    }
    #expect(foreign() == [])
    observed.foreignForwards[0].marked = Array(rules6.dropFirst())
    #expect(foreign() == [.addAccepts(.default, .v6(prefix6), forward6.chain)])
    // A chain that both pass wants the rules of both.
    let both = ForeignChain(table: .inet("theirs"), name: "forward")
    observed.foreignForwards = both.table.families.map {
      ForeignForward(chain: both, family: $0, place: both, drops: true)
    }
    #expect(foreign() == [.addAccepts(.default, prefix, both), .addAccepts(.default, .v6(prefix6), both)])
  }

  @Test("a comment says whose a rule is, and only ours does")
  func mark() {
    #expect(RuleMark.network(RuleMark.comment(.default)) == .default)
    for other in [
      "", "tapestry", "tapestry: network ", "tapestry: network a b", "Tapestry: network a", "x tapestry: network a",
    ] {
      #expect(RuleMark.network(other) == nil)
    }
  }
}
