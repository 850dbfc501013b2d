import Linux
import SQLite

// Removals write to the file too, and must work on a full disk: otherwise a guest could not be cut off. So every operation
// that creates something reserves space for its removal, and only operations that remove, or may remove, something use it.
extension SQLiteLeaseStore {
  /// Runs a transaction that may use the reserved space.
  func takingDown<Result>(
    durable: Bool = false, _ body: () throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result {
    let database = try database
    guard !isCopy else { return try database.transaction(durable: durable, body) }
    return try Self.reserve(beside: database.path).use { () throws(TapestryError) in
      try database.transaction(durable: durable, body)
    }
  }

  /// Reserves space for removing everything that exists and that is about to be created.
  /// - Throws: `STATE_UNAVAILABLE` if there is no space: nothing is created that could not be removed.
  func keepRoom() throws(TapestryError) {
    guard !isCopy else { return }
    let database = try database
    let pages = try database.value(.pageCount, as: Int.self) ?? 0
    let reserve = Self.reserve(beside: database.path)
    do throws(KernelError) { try reserve.keep(Self.room(pages: pages)) } catch {
      throw TapestryError(
        .stateUnavailable,
        "No space left for state file '\(database.path)' (\(error)): new attachments and networks could not be removed "
          + "again. Free space on its file system",
        cause: .init(operation: error.operation, errno: error.errno.rawValue, message: "\(error.errno)"))
    }
  }

  static func reserve(beside path: String) -> Reserve { Reserve(path: path + StateFile.reserveSuffix) }

  /// In bytes: the log with every page once for each of three transactions, as many as `cleanup` has; the log's index; and
  /// addresses in cool-down, which need more pages than leases did.
  private static func room(pages: Int) -> Int {
    let bytes = 128 << 10 + 3 * pages * (Schema.pageSize + 24)
    let step = 64 << 10
    return (bytes + step - 1) / step * step
  }
}
