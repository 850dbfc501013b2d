import Tapestry

/// Prints `warning: MESSAGE`, or the warning as JSON, to standard error: the command succeeded, but perhaps not as
/// intended.
func printWarnings(_ messages: [String], asJSON isJSON: Bool) {
  for message in messages {
    Output.standardError(
      isJSON ? JSON.object([("warning", .object([("message", .string(message))]))]).text : "warning: \(message)")
  }
}

extension OutputOptions {
  func warn(_ messages: [String]) { printWarnings(messages, asJSON: output == .json) }
}
