import CSQLite
import Linux

extension Database {
  /// Copies a whole file into this empty in-memory database: sqlite3_backup_step(3). Neither the file nor its companion
  /// files are changed, and no file is created, so the file system may be full or read-only.
  /// - Throws: the errors of opening the file.
  func copy(_ path: String) throws(TapestryError) {
    try Self.indexGate.alone { () throws(TapestryError) in try copyAlone(path) }
  }

  /// Serializes opening a log's index. All connections to a file in a process share the index, which is read-only if the
  /// first connection opened it read-only.
  static let indexGate = ThreadGate()

  private func copyAlone(_ path: String) throws(TapestryError) {
    callsAreOurs
    var opened: OpaquePointer?
    let flags =
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
    let code = unsafe sqlite3_open_v2(try Self.address(path), &opened, flags, nil)
    guard let source = unsafe opened else {
      throw SQLiteFailure(code: SQLITE_NOMEM, errno: 0, message: "out of memory").error(path: path, doing: "open")
    }
    defer { unsafe sqlite3_close_v2(source) }
    guard code == SQLITE_OK else { throw unsafe SQLiteFailure(code: code, of: source).error(path: path, doing: "open") }
    unsafe sqlite3_busy_handler(source, waitForOthers, nil)
    guard let backup = unsafe sqlite3_backup_init(handle, "main", source, "main") else {
      throw unsafe SQLiteFailure(code: sqlite3_errcode(handle), of: handle).error(path: path, doing: "copy")
    }
    let step = unsafe sqlite3_backup_step(backup, -1)
    // Read the failure before finishing the backup, which closes its part of the file.
    let failure = unsafe SQLiteFailure(code: step, of: source)
    unsafe sqlite3_backup_finish(backup)
    guard step == SQLITE_DONE else { throw failure.error(path: path, doing: "copy") }
  }

  /// The file as a URI: https://sqlite.org/uri.html. The log's index is opened read-only. Without an index, no process has
  /// the file open. If there is no log either, the file is complete and can be opened as immutable.
  private static func address(_ path: String) throws(TapestryError) -> String {
    let hasIndex = try StateFile.condition(of: path + "-shm") != .missing
    let hasLog = try StateFile.condition(of: path + "-wal") == .filled
    let address = "file:" + path.utf8.map(escaped).joined() + "?mode=ro"
    return address + (hasIndex ? "&readonly_shm=1" : hasLog ? "" : "&immutable=1")
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      String(UnicodeScalar(byte))
    default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
