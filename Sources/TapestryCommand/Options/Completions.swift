import ArgumentParser
import Glibc
import Tapestry

extension CompletionKind {
  /// The VMs that are attached.
  static var attachedVM: CompletionKind {
    .custom { words, _, _ in
      let attachments = (try? Completions.engine(words)?.attachments(network: nil)) ?? []
      return Set(attachments.map(\.vmID)).sorted()
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
  /// The engine that the command line so far would have; nil where it would have to make the state file first, or may
  /// not read it: who presses TAB wants words, not messages.
  static func engine(_ words: [String]) -> Engine? {
    var environment = CommandEnvironment()
    if let option = words.lastIndex(of: "--state"), option + 1 < words.count { environment.state = words[option + 1] }
    guard unsafe access(environment.statePath, R_OK | W_OK) == 0 else { return nil }
    return try? environment.engine()
  }
}
