/// The result of applying a plan.
struct Outcome {
  var plan: Plan
  var failures: [HostFailure]

  /// All conflicts and failures.
  var errors: [TapestryError] { plan.conflicts.map(\.error) + failures.map(\.error) }

  /// - Throws: the first of `errors`.
  func requireSuccess() throws(TapestryError) { if let error = errors.first { throw error } }

  /// Whether a failure cut the plan short, so that steps without a failure may not have been tried.
  var isCutShort: Bool { failures.contains { $0.item.key == nil && !$0.item.step.traits.isIndependent } }
}
