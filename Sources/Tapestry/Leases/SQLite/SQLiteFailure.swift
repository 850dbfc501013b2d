import CSQLite
import Glibc
import Linux

/// The failure of an SQLite call, and its conversion to a `TapestryError`.
struct SQLiteFailure {
  /// The extended result code.
  var code: Int32
  /// errno of the failed system call; 0 if no system call failed.
  var errno: Int32
  var message: String

  init(code: Int32, errno: Int32, message: String) {
    self.code = code
    self.errno = errno
    self.message = message
  }

  /// The last failure of a connection.
  ///
  /// Call it immediately after the failure: SQLite stores errno only on some paths. On the others, the thread's errno is
  /// used.
  init(code: Int32, of handle: OpaquePointer) {
    let last = Glibc.errno
    let kept = unsafe sqlite3_system_errno(handle)
    let number: Int32 =
      switch code & 0xff {
      // For these, SQLite reports the outcome of its fallback, not the original failure.
      case SQLITE_READONLY: WritableOpen.lastError?.rawValue ?? 0
      case SQLITE_CANTOPEN: WritableOpen.lastError?.rawValue ?? (kept != 0 ? kept : last)
      // Only this code sets SQLite's errno; for others it is left over from an earlier failure.
      case SQLITE_IOERR: kept != 0 ? kept : last
      case SQLITE_FULL: Errno.noSpace.rawValue
      // SQLite reports a read error like a damaged file, and a lock that the kernel refuses like one that is held.
      case SQLITE_CORRUPT: last == EIO ? last : 0
      case SQLITE_BUSY, SQLITE_PROTOCOL: last == ENOLCK || last == EINTR ? last : 0
      default: 0
      }
    // A backup fails without telling its source, whose message then is "not an error".
    let isTold = unsafe sqlite3_errcode(handle) != SQLITE_OK
    let words = unsafe isTold ? sqlite3_errmsg(handle) : sqlite3_errstr(code)
    self.init(code: code, errno: number, message: unsafe words.map { unsafe String(cString: $0) } ?? "")
  }

  /// Whether the kernel refused the lock, rather than another process holding it.
  var isOfLocks: Bool { [SQLITE_BUSY, SQLITE_PROTOCOL].contains(code & 0xff) && errno != 0 }

  /// The error for users.
  func error(path: String, doing operation: String) -> TapestryError {
    let system = errno == 0 ? nil : Errno(rawValue: errno)
    let words = system.map { "\(message) (\($0))" } ?? message
    let cause = TapestryError.Cause(operation: "SQLite: \(operation)", errno: system?.rawValue, message: words)
    switch code & 0xff {
    // A file that cannot be read is not necessarily damaged.
    case SQLITE_CORRUPT where system == .ioError:
      return Self.unavailable(path: path, words, cause)
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_ERROR, SQLITE_MISMATCH:
      // All SQL is Tapestry's own, so an SQL error (SQLITE_ERROR) means that the tables are not.
      return Self.corrupt(path: path, doing: operation, words)
    case SQLITE_CONSTRAINT:
      return Self.constraint(words, cause)
    case SQLITE_BUSY where system == .interrupted, SQLITE_PROTOCOL where system == .interrupted:
      return TapestryError(
        .stateUnavailable, "State file '\(path)' cannot be locked: \(words). Run the command again", cause: cause)
    case SQLITE_BUSY where system != nil, SQLITE_PROTOCOL where system != nil:
      return TapestryError(
        .stateUnavailable,
        "State file '\(path)' cannot be locked: \(words). Use a file on another file system with --state", cause: cause)
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
      return TapestryError(
        .stateUnavailable,
        "State file '\(path)' has been locked by another process for too long: find the process with `fuser \(path)`",
        cause: cause)
    case SQLITE_READONLY where system == nil && code == SQLITE_READONLY && StateFile.isWritable(path):
      // The file was opened for writing, but its header marks it as read-only.
      return Self.corrupt(path: path, doing: operation, words)
    case SQLITE_PERM, SQLITE_AUTH: return StateFile.notPermitted(path, cause)
    case SQLITE_READONLY where system == nil, SQLITE_READONLY where system == .permissionDenied,
      SQLITE_READONLY where system == .notPermitted, SQLITE_CANTOPEN where system == .permissionDenied,
      SQLITE_CANTOPEN where system == .notPermitted:
      return StateFile.notPermitted(path, cause)
    default:
      return Self.unavailable(path: path, words, cause)
    }
  }

  private static func unavailable(path: String, _ words: String, _ cause: TapestryError.Cause) -> TapestryError {
    TapestryError(.stateUnavailable, "State file '\(path)' is unavailable: \(words)", cause: cause)
  }

  /// The error for a file that is not, or no longer, a state file.
  static func corrupt(path: String, doing operation: String, _ words: String) -> TapestryError {
    let option = path == SQLiteLeaseStore.defaultPath ? "" : "--state \(path) "
    return TapestryError(
      .stateCorrupt,
      """
      State file '\(path)' is damaged: \(words). It was not changed. To rebuild it from the kernel's state, move it \
      away (`mv \(path) \(path).damaged`), then run `tapestry \(option)repair --adopt`
      """,
      cause: .init(operation: "SQLite: \(operation)", errno: nil, message: words))
  }

  /// The error for a claim that passed the checks but violates a constraint, the last line of defence. SQLite names the
  /// columns only in its message.
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
