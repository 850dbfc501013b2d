import Tapestry

/// What was done, and is perhaps not what was meant: `warning: MESSAGE` on standard error, or as JSON.
func printWarnings(_ messages: [String], asJSON isJSON: Bool) {
  for message in messages {
    Output.standardError(
      isJSON ? JSON.object([("warning", .object([("message", .string(message))]))]).text : "warning: \(message)")
  }
}

extension OutputOptions {
  func warn(_ messages: [String]) { printWarnings(messages, asJSON: output == .json) }
}
