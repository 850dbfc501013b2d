import CSQLite
import Glibc
package import Linux

/// The failure of an SQLite call.
package struct SQLiteError: Error, Hashable, Sendable {
  /// What failed: the name of a query, or SQL.
  package var operation: String
  /// The database's file.
  package var path: String
  /// The extended result code: SQLITE_….
  package var code: Int32
  /// The error of the failed system call; nil if none failed.
  package var errno: Errno?
  /// SQLite's words.
  package var message: String

  /// Creates an error.
  package init(_ operation: String, path: String, code: Int32, errno: Errno? = nil, message: String) {
    self.operation = operation
    self.path = path
    self.code = code
    self.errno = errno
    self.message = message
  }

  /// What a failure means for the database.
  package enum Reason: Hashable, Sendable {
    /// The file is no database, is damaged, or has other tables than the SQL expects.
    case damaged
    /// A constraint does not hold. SQLite names the columns only in its words.
    case constraint
    /// Another process held a lock for too long.
    case locked
    /// The kernel refused a lock. `errno` says why.
    case lockRefused
    /// The file was opened for writing, but must not be written: its header may say so, or its log.
    case readOnly
    /// This process may not open the file, or its log.
    case notPermitted
    /// Anything else: no memory, no space, an I/O error. It says nothing about the contents.
    case unavailable
  }

  /// The reason.
  package var reason: Reason {
    switch code & 0xff {
    // A file that cannot be read is not necessarily damaged.
    case SQLITE_CORRUPT where errno == .ioError: .unavailable
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_ERROR, SQLITE_MISMATCH: .damaged
    case SQLITE_CONSTRAINT: .constraint
    case SQLITE_BUSY where errno != nil, SQLITE_PROTOCOL where errno != nil: .lockRefused
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .locked
    case SQLITE_READONLY where errno == nil && code == SQLITE_READONLY: .readOnly
    case SQLITE_PERM, SQLITE_AUTH: .notPermitted
    case SQLITE_READONLY where errno == nil || isDenied, SQLITE_CANTOPEN where isDenied: .notPermitted
    default: .unavailable
    }
  }

  private var isDenied: Bool { errno == .permissionDenied || errno == .notPermitted }
}

extension SQLiteError: CustomStringConvertible {
  /// `claim: disk I/O error (EIO: Input/output error)`.
  package var description: String { "\(operation): \(words)" }

  /// SQLite's words, and the error of the system call in parentheses.
  package var words: String { errno.map { "\(message) (\($0))" } ?? message }
}

/// A caller's own error, which a database throws in place of `SQLiteError`.
package protocol SQLiteFailure: Error {
  /// Converts a failure of SQLite.
  init(_ error: SQLiteError)
}

extension SQLiteError: SQLiteFailure {
  /// The same error.
  package init(_ error: SQLiteError) { self = error }
}

extension SQLiteError {
  /// The last failure of a connection.
  ///
  /// Call it immediately after the failure: SQLite stores errno only on some paths. On the others, the thread's errno is
  /// used.
  init(_ operation: String, path: String, code: Int32, of handle: OpaquePointer) {
    let last = Glibc.errno
    let kept = unsafe sqlite3_system_errno(handle)
    let number: Int32 =
      switch code & 0xff {
      // For these, SQLite reports the outcome of its fallback, not the original failure.
      case SQLITE_READONLY: WritableOpen.lastError?.rawValue ?? 0
      case SQLITE_CANTOPEN: WritableOpen.lastError?.rawValue ?? (kept != 0 ? kept : last)
      // Only this code sets SQLite's errno; for others it is left over from an earlier failure.
      case SQLITE_IOERR: kept != 0 ? kept : last
      case SQLITE_FULL: ENOSPC
      // SQLite reports a read error like a damaged file, and a lock that the kernel refuses like one that is held.
      case SQLITE_CORRUPT: last == EIO ? last : 0
      case SQLITE_BUSY, SQLITE_PROTOCOL: last == ENOLCK || last == EINTR ? last : 0
      default: 0
      }
    // A backup fails without telling its source, whose message then is "not an error".
    let isTold = unsafe sqlite3_errcode(handle) != SQLITE_OK
    let words = unsafe isTold ? sqlite3_errmsg(handle) : sqlite3_errstr(code)
    self.init(
      operation, path: path, code: code, errno: number == 0 ? nil : Errno(rawValue: number),
      message: unsafe words.map { unsafe String(cString: $0) } ?? "")
  }
}
