/// What came of a plan that was carried out.
struct Outcome {
  var plan: Plan
  var failures: [HostFailure]

  /// Everything that stands in the way.
  var errors: [TapestryError] { plan.conflicts.map(\.error) + failures.map(\.error) }

  /// Whether something failed that others wait for, so that steps without a failure may not have been tried.
  var isCutShort: Bool { failures.contains { $0.item.key == nil && !$0.item.step.traits.isIndependent } }
}
