import Linux
import NFTables
import NetTypes
import RouteNetlink

extension LinuxHost {
  func observe() throws(TapestryError) -> Observation {
    var observation = try TapestryError.translating(observeKernel())
    observation.observed.names = try names.observeNames()
    return observation
  }

  private func observeKernel() throws(KernelError) -> Observation {
    let generation = try ruleset.tables.generation()
    var observed = Observed()
    try links.observe(into: &observed)
    let contents = try ruleset.tables.contents(of: RulesetTables.tables.map(\.id)) {
      !RulesetTables.isFilledDynamically($0)
    }
    observed.ruleset = ObservedRuleset(contents, of: state)
    observed.stateMark = contents.stateMarks.first
    observed.foreignForwards = try firewalls.observeForeignForwards()
    observed.foreignTranslations = try firewalls.observeForeignTranslations()
    observed.sysctls = try SysctlDriver.observe(observed.links)
    return Observation(observed: observed, generation: generation)
  }

  func addresses() throws(TapestryError) -> HostAddresses { try TapestryError.translating(links.addresses()) }

  func isInPlace(_ guest: Desired.Guest) throws(TapestryError) -> Bool {
    do throws(KernelError) {
      guard let link = try links.link(guest.lease.tapName, marked: guest.mark) else { return false }
      let bridge = guest.network.mode == .bridge ? try links.findLink(guest.network.bridge) : nil
      return ObservedLink(link).isLinkOf(guest, on: bridge)
    } catch {
      throw TapestryError(error)
    }
  }

  func carrier(of tapName: InterfaceName, marked mark: OwnerMark) throws(TapestryError) -> TapCarrier? {
    let link = try TapestryError.translating(links.link(tapName, marked: mark))
    return link.map { TapCarrier(isOn: $0.hasCarrier, arrivals: $0.carrierArrivals) }
  }

  /// In most cases it is this state file's, which is faster to check.
  func stateMark() throws(TapestryError) -> StateMark? {
    do throws(KernelError) {
      if let state, try ifExists(ruleset.tables.elements(of: state.set)) != nil { return state }
      return try ifExists(ruleset.tables.sets(of: RulesetTables.inet.id))?.lazy.compactMap(StateMark.init).first
    } catch {
      throw TapestryError(error)
    }
  }

  func learnt(_ domains: Set<DomainSet>) throws(TapestryError) -> [DomainSet: Set<IPAddress>] {
    var learnt: [DomainSet: Set<IPAddress>] = [:]
    for domain in domains {
      for set in domain.sets {
        let elements = try TapestryError.translating(ifExists(ruleset.tables.elements(of: set.named)))
        if let elements { learnt[domain, default: []].formUnion(elements.compactMap(set.key)) }
      }
    }
    return learnt
  }
}
