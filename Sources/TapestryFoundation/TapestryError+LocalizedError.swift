public import FoundationEssentials
public import Tapestry

/// A room of its own, so that the library needs no Foundation.
extension TapestryError: LocalizedError {
  /// What failed and what to do: `message`.
  public var errorDescription: String? { message }

  /// The answer of the kernel or SQLite; nil if neither refused anything.
  public var failureReason: String? { cause?.message }

  /// What to call or to set, a line each: `Call NetworkManager.repair()`. Nil if the message names nothing of the kind.
  public var recoverySuggestion: String? {
    remedies.isEmpty ? nil : remedies.map(\.suggestion).joined(separator: "\n")
  }
}

extension TapestryError.Remedy {
  fileprivate var suggestion: String {
    switch self {
    case .useState, .set: "Set \(self)"
    default: "Call \(self)"
    }
  }
}
