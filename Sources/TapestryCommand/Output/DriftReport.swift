import Tapestry

extension OutputOptions {
  /// Prints each difference and the step that repairs it, or `empty` if there is none.
  func show(_ drift: [Drift], empty: String) {
    switch output {
    case .json: Output.standardOutput(JSON.array(drift.map(\.json)).text)
    case .text:
      if drift.isEmpty { Output.standardOutput(empty) }
      for item in drift {
        Output.standardOutput(item.description)
        Output.standardOutput("  → \(item.step ?? "Tapestry cannot repair this")")
      }
    }
  }
}

extension Drift {
  fileprivate var json: JSON {
    .object([("description", .string(description)), ("step", step.map(JSON.string) ?? .null)])
  }
}
