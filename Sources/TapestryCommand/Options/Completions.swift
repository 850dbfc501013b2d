import ArgumentParser
import Tapestry

extension CompletionKind {
  /// The ids of attached VMs.
  static var attachedVM: CompletionKind {
    .custom { words, _, _ in
      let attachments = (try? Completions.engine(words)?.attachments(network: nil)) ?? []
      return Set(attachments.map(\.vmID.rawValue)).sorted()
    }
  }

  static var network: CompletionKind {
    .custom { words, _, _ in
      let networks = (try? Completions.engine(words)?.networks()) ?? []
      return networks.map(\.name.rawValue)
    }
  }
}

private enum Completions {
  /// A read-only engine for the state file that the command line names. Returns nil on failure: completion must print
  /// candidates, not error messages.
  static func engine(_ words: [String]) -> Engine? {
    var environment = CommandEnvironment()
    if let option = words.lastIndex(of: "--state"), option + 1 < words.count { environment.state = words[option + 1] }
    return try? environment.readOnlyEngine()
  }
}
