import Tapestry

extension OutputOptions {
  /// Prints each difference and the step that repairs it, or `empty` if there is none.
  func show(_ drift: [Drift], empty: String) {
    show(drift, text: drift.isEmpty ? [empty] : drift.flatMap(\.lines))
  }
}

extension Drift {
  fileprivate var lines: [String] { [description, "  → \(step ?? "Tapestry cannot repair this")"] }
}
