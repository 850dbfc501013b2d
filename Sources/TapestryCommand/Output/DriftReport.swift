import Tapestry

extension OutputOptions {
  /// What differs, and what mends it; `empty` where nothing does.
  func show(_ drift: [Drift], empty: String) {
    switch output {
    case .json: Output.standardOutput(JSON.array(drift.map(\.json)).text)
    case .text:
      if drift.isEmpty { Output.standardOutput(empty) }
      for item in drift {
        Output.standardOutput(item.description)
        Output.standardOutput("  → \(item.step ?? "not Tapestry's to mend")")
      }
    }
  }
}

extension Drift {
  fileprivate var json: JSON {
    .object([("description", .string(description)), ("step", step.map(JSON.string) ?? .null)])
  }
}
