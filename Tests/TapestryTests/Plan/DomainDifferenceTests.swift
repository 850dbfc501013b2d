import NFTables
import NetTypes
import Testing

@testable import Tapestry

@Suite("Domains in the difference")
struct DomainDifferenceTests {
  private let world = World()

  private func desired(network: String? = nil, guest: String? = nil) throws -> Desired {
    var desired = world.desired
    desired.networks[0].settings.egress.domains = try [network].compactMap(\.self).map(DomainPattern.init(parsing:))
    desired.guests[0].network = desired.networks[0]
    if let guest {
      desired.guests[0].lease.settings.egress = EgressPolicy(domains: [try DomainPattern(parsing: guest)])
    }
    return desired
  }

  private func steps(from present: Desired, to wanted: Desired) -> [RulesetChange] {
    var observed = world.observed
    observed.ruleset = .intact(present.ruleset)
    return Plan.difference(wanted, observed).steps.compactMap { step in
      if case .changeRuleset(let change) = step { change } else { nil }
    }
  }

  @Test("are learnt before anybody is led to them, and forgotten afterwards")
  func order() throws {
    let (without, with) = (try desired(), try desired(network: "example.org"))
    let list = try #require(with.ruleset.domainLists.first)
    let added = steps(from: without, to: with)
    #expect(added.map(\.addedDomains) == [[list], []] && added[1].addedNetworks.map(\.domains) == [list])
    let removed = steps(from: with, to: without)
    #expect(removed.map(\.removedDomains) == [[], [list]])
    #expect(removed[1].removedDomainSets == list.sets && removed[0].addedNetworks.map(\.domains) == [nil])
    #expect(steps(from: with, to: with) == [])
  }

  @Test("keep the sets that another list has, and what is known with them")
  func shared() throws {
    let both = try desired(network: "example.org", guest: "example.org")
    #expect(both.ruleset.domainLists.count == 1)
    var two = both
    two.guests[0].lease.settings.egress.domains.append(try DomainPattern(parsing: "*.example.org"))
    let change = steps(from: two, to: both)
    #expect(change.flatMap(\.removedDomains).count == 1)
    #expect(change.flatMap(\.removedDomainSets).map(\.pattern.description) == ["*.example.org"])
  }

  @Test("of a rule are read back from its chain")
  func chains() throws {
    let patterns = try ["example.org", "*.example.org", "a.example"].map(DomainPattern.init(parsing:))
    let list = try #require(DomainList(Network.defaultBridge, patterns))
    #expect(DomainList(list.chain.id, list.rules) == list)
    #expect(DomainList(list.chain.id, []) == nil)
    #expect(DomainList(list.chain.id, Array(list.rules.dropLast(2))) == nil)
    #expect(DomainList(RulesetTables.v4.egress.id, list.rules) == nil)
    #expect(DomainList(Network.defaultBridge, []) == nil)
  }
}
