import Linux
import NFTables
import NetTypes

extension LinuxHost {
  func observe() throws(TapestryError) -> Observation {
    var observation = try observeKernel()
    observation.observed.names = try names.observeNames()
    return observation
  }

  private func observeKernel() throws(TapestryError) -> Observation {
    do throws(KernelError) {
      let generation = try ruleset.tables.generation()
      var observed = Observed()
      try links.observe(into: &observed)
      (observed.ruleset, observed.stateMark) = try ruleset.observeRuleset()
      observed.foreignForwards = try firewalls.observeForeignForwards()
      observed.foreignTranslations = try firewalls.observeForeignTranslations()
      observed.sysctls = try SysctlDriver.observe(observed.links)
      return Observation(observed: observed, generation: generation)
    } catch {
      throw TapestryError(error)
    }
  }
}
