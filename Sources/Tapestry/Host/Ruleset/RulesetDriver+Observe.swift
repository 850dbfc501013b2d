import Linux
import NFTables
import NetTypes
import Netlink

extension RulesetDriver {
  /// The ruleset, and the state file that it names; nil if it names none or does not exist.
  func observeRuleset() throws(KernelError) -> (ruleset: ObservedRuleset, mark: StateMark?) {
    let contents = try tables.contents(of: RulesetTables.tables.map(\.id)) { !RulesetTables.isFilledDynamically($0) }
    return (ObservedRuleset(contents, of: state), contents.stateMarks.first)
  }

  /// In most cases it is this state file's, which is faster to check.
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

  func learnt(_ domains: Set<DomainSet>) throws(TapestryError) -> [DomainSet: Set<IPAddress>] {
    var learnt: [DomainSet: Set<IPAddress>] = [:]
    for domain in domains {
      for set in domain.sets {
        do throws(KernelError) {
          learnt[domain, default: []].formUnion(try tables.elements(of: set.named).compactMap(set.key))
        } catch {
          guard error.errno == .noSuchFile else { throw TapestryError(error) }
        }
      }
    }
    return learnt
  }
}
