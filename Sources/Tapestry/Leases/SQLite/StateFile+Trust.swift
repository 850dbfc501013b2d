import Linux

extension StateFile {
  /// Where a state file's path leads. What it says is done as root: so neither it, nor what lies beside it, nor the way
  /// there, may be others' to change. Nothing is changed.
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

  /// Of the state file, and of all that is made beside it: SQLite's, `StateLock`'s, `StateReserve`'s, `NamePlace`'s.
  private static let suffixes = ["", "-wal", "-shm", "-journal", ".lock", StateFile.reserveSuffix, ".d"]

  private static func untrusted(_ path: String, _ fault: TrustedPath.Fault) -> TapestryError {
    let part = fault.path
    let mode = "mode " + String(fault.mode, radix: 8)
    let elsewhere = "or name another file with --state"
    let words: String
    switch fault.kind {
    case .failed(let failure): return error(path, failure)
    case .foreign:
      words =
        "'\(part)' is user \(fault.owner)'s (\(mode)), who could change what is there: name a file with --state that is, "
        + "with all folders on the way, root's or this user's own"
    case .writable:
      words =
        "others than its owner, user \(fault.owner), may write to '\(part)' (\(mode)): take that from them ('chmod go-w "
        + "\(part)'), \(elsewhere)"
    case .shared:
      words =
        "everybody may put files beside it in '\(part)' (\(mode), of user \(fault.owner)): name one in a folder of its "
        + "own with --state"
    case .symbolicLink:
      words =
        "'\(part)' is a symbolic link, of user \(fault.owner), where Tapestry has its own: remove it ('rm \(part)'), "
        + elsewhere
    case .hardLinks(let count):
      words =
        "'\(part)', of user \(fault.owner) (\(mode)), has \(count) names, by which others may reach it: remove those that "
        + "are not meant ('find / -xdev -inum \(fault.inode)'), \(elsewhere)"
    }
    return TapestryError(
      .stateUnavailable, "State file '\(path)' is not safe: \(words)",
      cause: .init(operation: "check \(part)", errno: nil, message: words))
  }
}
