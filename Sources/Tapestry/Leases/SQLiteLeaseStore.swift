package import Linux
import NetTypes
import SQLite

/// The durable claims of attachments: which attachment holds which address, MAC and TAP name, and in which network. They are
/// in an SQLite file that any number of processes share.
///
/// Two callers, in one process or in several, never hold the same one. Every method is one transaction: it happens
/// completely or not at all, even if the machine crashes.
///
/// Opening a store creates the file and its directory if they are missing. Leases last for one boot of the machine, as
/// their kernel objects do: the first process to open the store after a reboot releases them.
///
/// A store is not thread-safe: use it inside an actor, for example. Its methods wait for other processes, but not for the
/// network or the kernel's devices.
package final class SQLiteLeaseStore {
  /// The default state file.
  package static let defaultPath = "/var/lib/tapestry/state.db"

  private let path: String
  private let bootID: String
  /// Whether the store is an in-memory copy, for read-only use.
  let isCopy: Bool
  private var connection: StateDatabase?

  /// Opens the state file, and creates it if there is none.
  ///
  /// - Parameters:
  ///   - path: the file. Its companion files are the write-ahead log (`-wal`) and the log's index (`-shm`).
  ///   - bootID: the id of this boot; nil: ask the kernel.
  /// - Throws: `STATE_CORRUPT` for a file that is not, or no longer, a state file; `NOT_PERMITTED`;
  ///   `STATE_UNAVAILABLE` if it cannot be read or written, if other users could change it, or if a newer Tapestry wrote
  ///   it.
  package init(path: String = defaultPath, bootID: String? = nil) throws(TapestryError) {
    self.path = path
    self.bootID = if let bootID { bootID } else { try Self.currentBoot() }
    isCopy = false
    connection = try Self.open(self.path, bootID: self.bootID)
  }

  /// A private in-memory store with the file's contents. The file is read on first use, not here, so that a caller that
  /// takes a lock first sees the contents under the lock. Empty if there is no file; migrated in memory if the file is of
  /// an earlier version or boot. The file may be read-only.
  init(lookingAt path: String, bootID: String? = nil) throws(TapestryError) {
    self.path = path
    self.bootID = if let bootID { bootID } else { try Self.currentBoot() }
    isCopy = true
  }

  /// The file's connection. Between transactions it follows the path: if the file was moved or deleted, this opens or
  /// creates the file that is at the path now. Otherwise a long-lived process would keep writing to a file that no other
  /// process reads.
  var database: StateDatabase {
    get throws(TapestryError) {
      if let connection,
        isCopy || connection.isInTransaction || !connection.hasMoved && !connection.hasLostLocks
      {
        return connection
      }
      // Close the old connection first, which releases its locks: the connections of a process share them.
      connection = nil
      let opened = try isCopy ? Self.copy(path, bootID: bootID) : Self.open(path, bootID: bootID)
      connection = opened
      return opened
    }
  }

  /// Makes a read-only store read the file again at its next use. Does nothing to other stores.
  package func lookAgain() { if isCopy { connection = nil } }

  private static func open(_ path: String, bootID: String) throws(TapestryError) -> StateDatabase {
    // The trusted path is also absolute: SQLite treats some names, like `:memory:`, specially.
    let path = try StateFile.trusted(path)
    // Opening the file always needs space for the log's index.
    return try reserve(beside: path).use { () throws(TapestryError) in
      let database = if let current = try openCurrent(path) { current } else { try make(path) }
      if try database.value(.boot, as: String.self) != bootID { try startBoot(bootID, in: database) }
      return database
    }
  }

  private static func copy(_ path: String, bootID: String) throws(TapestryError) -> StateDatabase {
    let path = try StateFile.trusted(path)
    let database = try StateDatabase(inMemoryFor: path)
    if try StateFile.condition(of: path) == .filled { try database.copy(path) }
    if try !Schema.isCurrent(database) { try Schema.migrate(database) }
    if try database.value(.boot, as: String.self) != bootID { try startBoot(bootID, in: database) }
    return database
  }

  /// Returns nil if the file does not exist or does not have the current tables.
  private static func openCurrent(_ path: String) throws(TapestryError) -> StateDatabase? {
    guard try StateFile.condition(of: path) == .filled else { return nil }
    return try LogIndex.gate.alone { () throws(TapestryError) in
      let database = try StateDatabase(openingExisting: path)
      return try Schema.isCurrent(database) ? database : nil
    }
  }

  /// Creates the file, completes the creation if another process was killed during it, or migrates an older file.
  private static func make(_ path: String) throws(TapestryError) -> StateDatabase {
    try StateFile.makeDirectory(of: path)
    return try StateFile.withDirectoryLocked(of: path) { () throws(TapestryError) in
      try StateFile.make(path)
      return try LogIndex.gate.alone { () throws(TapestryError) in
        let database = try StateDatabase(openingExisting: path)
        try Schema.setUp(database)
        return database
      }
    }
  }

  /// Runs `body` in one transaction: its changes are made together, or none of them if it throws.
  /// - Throws: The errors of `body`; `STATE_UNAVAILABLE`, `STATE_CORRUPT`.
  package func atomically<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try database.transaction(body)
  }

  /// Runs `body`, returns its result, and rolls back its changes to the store.
  /// - Throws: The errors of `body`; `STATE_UNAVAILABLE`, `STATE_CORRUPT`.
  package func preview<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try database.preview(body)
  }

  // MARK: Identity

  /// The identity of the state file, and the network namespace with its kernel objects.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func identity() throws(TapestryError) -> StateIdentity { try Self.identity(try database) }

  private static func identity(_ database: StateDatabase) throws(TapestryError) -> StateIdentity {
    let found = try database.first(.identity) { row throws(SQLiteError) in
      let file = try FileIdentity(row, at: 3)
      return StateIdentity(
        id: try row.value(0), namespace: try FileIdentity(row, at: 1),
        isCopy: file != nil && file != (try? FileIdentity(path: database.path)))
    }
    guard let found else { throw StateFile.damaged(database.path, doing: "read the file's identity", "it has none") }
    return found
  }

  /// Stores the network namespace where kernel objects are created from now on.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func setNamespace(_ namespace: NetworkNamespace.Identity) throws(TapestryError) {
    _ = try takingDown { () throws(TapestryError) in
      let file = try? FileIdentity(path: try database.path)
      try database.run(.setNamespace, namespace.device, namespace.inode, file?.device, file?.inode)
    }
  }

  // MARK: Boots

  private static func currentBoot() throws(TapestryError) -> String {
    do throws(KernelError) {
      return try Kernel.bootID()
    } catch {
      throw TapestryError(
        .stateUnavailable, "Cannot read the boot id: \(error)",
        cause: .init(operation: error.operation, errno: error.errno.rawValue, message: "\(error.errno)"))
    }
  }

  /// Deletes the state of an earlier boot: leases and reservations, whose addresses go into cool-down, and the sysctls'
  /// values from before that boot's changes.
  private static func startBoot(_ id: String, in database: StateDatabase) throws(TapestryError) {
    try database.transaction { () throws(TapestryError) in
      // Another process may have done it already.
      guard try database.value(.boot, as: String.self) != id else { return }
      try database.run(.coolDownLeases)
      try database.run(.coolDownReservations)
      try database.run(.deleteLeases)
      try database.run(.deleteReservations)
      try database.run(.deleteSysctls)
      try database.run(.setNamespace, UInt64?.none, UInt64?.none, UInt64?.none, UInt64?.none)
      try database.run(.setBoot, id)
    }
  }
}
