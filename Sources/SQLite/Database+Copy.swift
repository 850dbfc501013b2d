import CSQLite
import Glibc
package import Linux

/// The index of a write-ahead log. All connections to a file in a process share it, and it is read-only if the first
/// connection opened it read-only.
package enum LogIndex {
  /// Serializes opening an index: reading from a new connection for the first time.
  package static let gate = ThreadGate()
}

extension Database {
  /// Copies a whole file into this empty in-memory database: sqlite3_backup_step(3). Neither the file nor its companion
  /// files are changed, and no file is created, so the file system may be full or read-only.
  /// - Throws: the errors of opening the file.
  package func copy(_ path: String) throws(Failure) {
    try LogIndex.gate.alone { () throws(Failure) in try copyAlone(path) }
  }

  private func copyAlone(_ path: String) throws(Failure) {
    callsAreOurs
    let flags =
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
    let source = unsafe try Self.open(address(ofExisting: path), flags, for: path)
    defer { unsafe sqlite3_close_v2(source) }
    unsafe sqlite3_busy_handler(source, waitForOthers, nil)
    guard let backup = unsafe sqlite3_backup_init(handle, "main", source, "main") else {
      throw unsafe Failure(SQLiteError("copy", path: path, code: sqlite3_errcode(handle), of: handle))
    }
    let step = unsafe sqlite3_backup_step(backup, -1)
    // Read the failure before finishing the backup, which closes its part of the file.
    let error = unsafe SQLiteError("copy", path: path, code: step, of: source)
    unsafe sqlite3_backup_finish(backup)
    guard step == SQLITE_DONE else { throw Failure(error) }
  }
}

/// The file as a URI: https://sqlite.org/uri.html. The log's index is opened read-only. Without an index, no process has the
/// file open. If there is no log either, the file is complete and can be opened as immutable.
private func address(ofExisting path: String) -> String {
  let address = "file:" + path.unicodeScalars.map(escaped).joined() + "?mode=ro"
  return address + (mayExist(path + "-shm") ? "&readonly_shm=1" : mayExist(path + "-wal") ? "" : "&immutable=1")
}

/// Whether there is something in a file, or it cannot be examined: stat(2). An index is never empty.
private func mayExist(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? status.st_size > 0 : Glibc.errno != ENOENT
}

/// Escapes what ends the path in a URI, and the escape itself.
private func escaped(_ scalar: UnicodeScalar) -> String {
  "%?#".unicodeScalars.contains(scalar) ? "%" + String(scalar.value, radix: 16) : String(scalar)
}
