import Linux
import SQLite

/// The connection of a store.
typealias StateDatabase = Database<Query, TapestryError>

extension TapestryError: SQLiteFailure {
  /// The error for users of what SQLite refused.
  init(_ error: SQLiteError) {
    let path = error.path
    let cause = Cause(operation: "SQLite: \(error.operation)", errno: error.errno?.rawValue, message: error.words)
    self =
      switch error.reason {
      // The file was opened for writing: its header marks it as read-only.
      case .readOnly where StateFile.isWritable(path): StateFile.damaged(path, doing: error.operation, error.words)
      // All SQL is Tapestry's own, so an SQL error means that the tables are not.
      case .damaged: StateFile.damaged(path, doing: error.operation, error.words)
      case .readOnly, .notPermitted: StateFile.notPermitted(path, cause)
      case .constraint: Self.constraint(error.words, cause)
      case .lockRefused where error.errno == .interrupted:
        TapestryError(
          .stateUnavailable, "State file '\(path)' cannot be locked: \(error.words). Run the command again",
          cause: cause)
      case .lockRefused:
        TapestryError(
          .stateUnavailable,
          saying: """
            State file '\(path)' cannot be locked: \(error.words). Use a file on another file system with \
            \(.set(.statePath))
            """,
          cause: cause)
      case .locked:
        TapestryError(
          .stateUnavailable,
          "State file '\(path)' has been locked by another process for too long: find the process with `fuser \(path)`",
          cause: cause)
      case .unavailable: StateFile.unavailable(path, error.words, cause)
      }
  }

  /// The error for a claim that passed the checks but violates a constraint, the last line of defence.
  private static func constraint(_ words: String, _ cause: TapestryError.Cause) -> TapestryError {
    let codes: [(columns: String, code: TapestryError.Code)] = [
      ("lease.network, lease.address", .addressInUse), ("lease.network, lease.mac", .addressInUse),
      ("lease.tap_name", .attachmentConflict), ("lease.vm, lease.interface", .attachmentConflict),
      ("reservation.network", .addressInUse), ("network.name", .networkExists), ("network.bridge", .networkExists),
    ]
    let code = codes.first { words.contains($0.columns) }?.code ?? .stateCorrupt
    return TapestryError(code, "The request conflicts with an existing entry: \(words)", cause: cause)
  }
}

extension StateFile {
  /// The error for a failed system call on the file or a companion file.
  static func error(_ path: String, _ failure: KernelError) -> TapestryError {
    let cause = TapestryError.Cause(
      operation: failure.operation, errno: failure.errno.rawValue, message: "\(failure.errno)")
    return [.permissionDenied, .notPermitted].contains(failure.errno)
      ? notPermitted(path, cause) : unavailable(path, "\(failure)", cause)
  }

  /// The error for a file that is not, or no longer, a state file.
  static func damaged(_ path: String, doing operation: String, _ words: String) -> TapestryError {
    let other = path == SQLiteLeaseStore.defaultPath ? nil : path
    return TapestryError(
      .stateCorrupt,
      saying: """
        State file '\(path)' is damaged: \(words). It was not changed. To rebuild it from the kernel's state, move it \
        away (`mv \(path) \(path).damaged`), then run `\(.adopt(statePath: other))`
        """,
      cause: .init(operation: "SQLite: \(operation)", errno: nil, message: words))
  }

  fileprivate static func notPermitted(_ path: String, _ cause: TapestryError.Cause) -> TapestryError {
    TapestryError(
      .notPermitted,
      saying: "No permission for state file '\(path)': run as root, or use another one with \(.set(.statePath))",
      cause: cause)
  }

  fileprivate static func unavailable(_ path: String, _ words: String, _ cause: TapestryError.Cause) -> TapestryError {
    TapestryError(.stateUnavailable, "State file '\(path)' is unavailable: \(words)", cause: cause)
  }
}
