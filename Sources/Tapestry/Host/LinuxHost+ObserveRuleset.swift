import Linux
import NFTables
import Netlink

extension LinuxHost {
  /// What the ruleset is, and whose it says to be; nil where it does not say, or is not there.
  func observeRuleset() throws(KernelError) -> (ruleset: ObservedRuleset, mark: StateMark?) {
    let contents = try tables.contents(of: RulesetTables.tables.map(\.id)) { !RulesetTables.fillsItself($0) }
    return (ObservedRuleset(contents, of: state), contents.stateMarks.first)
  }

  /// Mostly it is the own one, for which it takes less to ask.
  func stateMark() throws(TapestryError) -> StateMark? {
    do throws(KernelError) {
      if let state, try isThere(state.set) { return state }
      return try tables.sets(of: RulesetTables.inet.id).lazy.compactMap(StateMark.init).first
    } catch {
      guard error.errno == .noSuchFile else { throw TapestryError(error) }
      return nil
    }
  }

  private func isThere(_ set: NamedSet) throws(KernelError) -> Bool {
    do throws(KernelError) {
      _ = try tables.elements(of: set)
      return true
    } catch {
      guard error.errno == .noSuchFile else { throw error }
      return false
    }
  }
}
