import Linux

extension StateFile {
  /// Resolves a state file's path. Its contents are acted on as root, so other users must not be able to change the file,
  /// its companion files, or any directory on its path. Changes nothing.
  ///
  /// - Throws: `STATE_UNAVAILABLE`, `NOT_PERMITTED`.
  static func trusted(_ path: String) throws(TapestryError) -> String {
    guard !path.isEmpty, !path.utf8.contains(0), path.utf8.last != UInt8(ascii: "/") else {
      throw TapestryError(.stateUnavailable, "Invalid state file '\(path)': expected a path")
    }
    do throws(TrustedPath.Fault) {
      let file = try TrustedPath.resolve(path)
      for suffix in suffixes { try TrustedPath.check(file + suffix) }
      return file
    } catch {
      throw untrusted(path, error)
    }
  }

  static let reserveSuffix = ".reserve"
  /// The suffixes of the state file and its companion files: those of SQLite, `StateLock`, `Reserve`, `NamePlace`.
  private static let suffixes = ["", "-wal", "-shm", "-journal", ".lock", reserveSuffix, ".d"]

  private static func untrusted(_ path: String, _ fault: TrustedPath.Fault) -> TapestryError {
    let part = fault.path
    let mode = "mode " + String(fault.mode, radix: 8)
    let elsewhere: TapestryError.Message = "or use another file with \(.set(.statePath))"
    let words: TapestryError.Message
    switch fault.kind {
    case .failed(let failure): return error(path, failure)
    case .foreign:
      words =
        """
        '\(part)' is user \(fault.owner)'s (\(mode)), who could change it: with \(.set(.statePath)), name a file that \
        root or this user owns, like all directories on its path
        """
    case .writable:
      words =
        """
        users other than its owner, user \(fault.owner), may write to '\(part)' (\(mode)): revoke that ('chmod go-w \
        \(part)'), \(elsewhere)
        """
    case .shared:
      words =
        """
        every user may create files beside it in '\(part)' (\(mode), owned by user \(fault.owner)): with \
        \(.set(.statePath)), name a file in a directory of its own
        """
    case .symbolicLink:
      words =
        """
        '\(part)' is a symbolic link, owned by user \(fault.owner), in place of a file of Tapestry: remove it ('rm \
        \(part)'), \(elsewhere)
        """
    case .hardLinks(let count):
      words =
        """
        '\(part)', owned by user \(fault.owner) (\(mode)), has \(count) names, through which others may reach it: remove \
        the unwanted hard links ('find / -xdev -inum \(fault.inode)'), \(elsewhere)
        """
    }
    return TapestryError(
      .stateUnavailable, saying: "State file '\(path)' is not safe: \(words)",
      cause: .init(operation: "check \(part)", errno: nil, message: words.description))
  }
}
