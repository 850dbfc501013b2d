import Linux
import NFTables

/// Our tables in nf_tables.
final class RulesetDriver {
  var tables: NFTablesSocket
  /// The state file whose tables they should be; nil for any.
  var state: StateMark?

  init() throws(KernelError) { tables = try NFTablesSocket() }

  /// Applies steps of the ruleset in one transaction over all tables.
  func changeRuleset(_ items: ArraySlice<Plan.Item>, observedAt generation: UInt32?) -> StepFailure? {
    do throws(KernelError) {
      do throws(KernelError) {
        try tables.apply(Transaction(items, generation, state: state))
      } catch {
        // An element to be removed, or a table, does not exist. The rest still has to be done.
        guard error.errno == .noSuchFile, items.contains(where: \.step.removesElements) else { throw error }
        try tables.apply(Transaction(items, generation, state: state, addsRemoved: true))
      }
      return nil
    } catch {
      switch error.errno {
      case .restart: return StepFailure(TapestryError(error), .stale)
      // Without tables, there is nothing to remove.
      case .noSuchFile where items.allSatisfy(\.step.traits.onlyRemoves): return nil
      case .noSuchFile: return StepFailure(rulesetFailure(error), .outOfSync)
      default: return StepFailure(rulesetFailure(error))
      }
    }
  }

  func rulesetFailure(_ error: KernelError) -> TapestryError {
    let summary = "Failed to change the ruleset"
    let isMissing = [.noSuchFile, .notSupported].contains(error.errno)
    if isMissing, error.operation.hasPrefix("add rule "), error.operation.contains("ct count") {
      return TapestryError(
        .kernelUnsupported,
        "\(summary): \(error). Limiting guests' connections needs nf_tables' connection count (CONFIG_NFT_CONNLIMIT): "
          + "run 'modprobe nft_connlimit'.", cause: TapestryError(error).cause)
    }
    guard isMissing, error.operation.hasPrefix("add limit ") else {
      return TapestryError(error, .kernelRefused, summary)
    }
    return TapestryError(
      .kernelUnsupported,
      saying: """
        \(summary): \(error). Limiting what a guest sends needs nf_tables' limits (CONFIG_NFT_LIMIT): run 'modprobe \
        nft_limit', or omit 'tx' and 'tx-packets' from \(.set(.rateLimit)).
        """, cause: TapestryError(error).cause)
  }
}

extension Step {
  fileprivate var removesElements: Bool {
    guard case .changeRuleset(let change) = self else { return false }
    return !change.onlyAdds
  }
}
