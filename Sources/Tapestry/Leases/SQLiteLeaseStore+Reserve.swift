import Linux

// Taking down has to be written down too, and must work on a full disk: a guest that is to be stopped would go on. So
// whatever makes something keeps room for that, and only what takes down, or may, uses it.
extension SQLiteLeaseStore {
  /// A transaction that may use the room that is kept.
  func takingDown<Result>(
    durable: Bool = false, _ body: () throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result {
    let database = try database
    guard !isCopy else { return try database.transaction(durable: durable, body) }
    return try Self.reserve(beside: database.path).use { () throws(TapestryError) in
      try database.transaction(durable: durable, body)
    }
  }

  /// Keeps room for taking down all that there is, and what is about to be made.
  /// - Throws: `STATE_UNAVAILABLE` where there is none: what could not be taken down is not made.
  func keepRoom() throws(TapestryError) {
    guard !isCopy else { return }
    let database = try database
    let pages = try database.first(.pageCount) { row throws(TapestryError) -> Int in try row.value(0) } ?? 0
    let reserve = Self.reserve(beside: database.path)
    do throws(SystemError) { try reserve.keep(Self.room(pages: pages)) } catch {
      throw TapestryError(
        .stateUnavailable,
        "State file '\(database.path)' has no room left (\(error)): what is made now could not be taken down. Make room on "
          + "its file system",
        cause: .init(operation: error.operation, errno: error.errno.rawValue, message: "\(error.errno)"))
    }
  }

  static func reserve(beside path: String) -> Reserve { Reserve(path: path + StateFile.reserveSuffix) }

  /// In bytes: for a log that holds every page once for each of three transactions (`cleanup` has as many), the log's index,
  /// and addresses in cool-down, which take more pages than leases did.
  private static func room(pages: Int) -> Int {
    let bytes = 128 << 10 + 3 * pages * (Schema.pageSize + 24)
    let step = 64 << 10
    return (bytes + step - 1) / step * step
  }
}

extension StateFile {
  static let reserveSuffix = ".reserve"
}
