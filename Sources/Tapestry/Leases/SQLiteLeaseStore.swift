import CSQLite
public import Linux
import NetTypes

/// Leases in a SQLite file that any number of processes share.
///
/// The file, and its directory where it is missing, is made when a store is first opened. Leases are of one boot of the
/// machine, since the kernel's side of them is: the first to open the store after another boot releases them.
public final class SQLiteLeaseStore: LeaseStore {
  /// Where the state is kept unless another file is named.
  public static let defaultPath = "/var/lib/tapestry/state.db"

  private let path: String
  private let bootID: String
  /// Whether it is a copy in memory, for those who only look.
  let isCopy: Bool
  private var connection: Database?

  /// Opens the state file, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - path: the file. Beside it lie its write-ahead log (`-wal`) and that one's index (`-shm`).
  ///   - bootID: the id of this boot; nil asks the kernel.
  /// - Throws: `STATE_CORRUPT` for a file that is not, or no longer, a state file; `NOT_PERMITTED`;
  ///   `STATE_UNAVAILABLE` when it cannot be read or written, when others could change it, or it was written by a newer
  ///   Tapestry.
  public init(path: String = defaultPath, bootID: String? = nil) throws(TapestryError) {
    self.path = path
    self.bootID = if let bootID { bootID } else { try Self.currentBoot() }
    isCopy = false
    connection = try Self.open(self.path, bootID: self.bootID)
  }

  /// A store of one's own in memory with what the file holds: as it is when it is first asked, so that whoever takes a lock
  /// before has it of that time; empty where there is no file; brought up to date, where the file is an earlier version's or
  /// boot's. Nothing is opened yet. The file may be for reading only.
  init(lookingAt path: String, bootID: String? = nil) throws(TapestryError) {
    self.path = path
    self.bootID = if let bootID { bootID } else { try Self.currentBoot() }
    isCopy = true
  }

  /// The file's connection. Between transactions it follows the path: when the file was moved away, or deleted, this
  /// opens or makes the one that is there now. A long-lived process would otherwise go on writing where nobody reads.
  var database: Database {
    get throws(TapestryError) {
      if let connection, connection.isInTransaction || !connection.hasMoved && !connection.hasLostLocks {
        return connection
      }
      if isCopy {
        let copy = if let connection { connection } else { try Self.copy(path, bootID: bootID) }
        connection = copy
        return copy
      }
      // Closed first, which ends what locks it has: two connections of a process share them.
      connection = nil
      let opened = try Self.open(path, bootID: bootID)
      connection = opened
      return opened
    }
  }

  public func lookAgain() { if isCopy { connection = nil } }

  private static func open(_ path: String, bootID: String) throws(TapestryError) -> Database {
    // Absolute, too: SQLite gives some names that are no paths, like `:memory:`, a meaning of their own.
    let path = try StateFile.trusted(path)
    // Opening it takes room for the log's index, whatever is done then.
    return try reserve(beside: path).use { () throws(TapestryError) in
      let database = if let current = try openCurrent(path) { current } else { try make(path) }
      if try database.first(.boot, read: Self.boot) != bootID { try startBoot(bootID, in: database) }
      return database
    }
  }

  private static func copy(_ path: String, bootID: String) throws(TapestryError) -> Database {
    let path = try StateFile.trusted(path)
    let database = try Database(inMemoryFor: path)
    if try StateFile.condition(of: path) == .filled { try database.copy(path) }
    if try !Schema.isCurrent(database) { try Schema.migrate(database) }
    if try database.first(.boot, read: Self.boot) != bootID { try startBoot(bootID, in: database) }
    return database
  }

  /// nil when the file is not there, or has not yet today's tables.
  private static func openCurrent(_ path: String) throws(TapestryError) -> Database? {
    guard try StateFile.condition(of: path) == .filled else { return nil }
    return try Database.indexGate.alone { () throws(TapestryError) in
      let database = try connect(path)
      return try Schema.isCurrent(database) ? database : nil
    }
  }

  /// Makes the file, or finishes making it where another process was killed, or brings an older one up to date.
  private static func make(_ path: String) throws(TapestryError) -> Database {
    try StateFile.makeDirectory(of: path)
    return try StateFile.withDirectoryLocked(of: path) { () throws(TapestryError) in
      try StateFile.make(path)
      return try Database.indexGate.alone { () throws(TapestryError) in
        let database = try connect(path)
        try Schema.setUp(database)
        return database
      }
    }
  }

  private static func connect(_ path: String) throws(TapestryError) -> Database {
    let database = try Database(openingExisting: path)
    guard !database.isReadOnly else { throw StateFile.notWritable(path) }
    // What a process that lives for milliseconds must not do at its end: copy the log into the file and delete it.
    try database.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
    try database.persistLog()
    // A commit then need not wait for the disk. The last ones before a power failure may be lost, never half of one;
    // their leases would have ended with that boot.
    try database.run(sql: "PRAGMA synchronous = NORMAL")
    return database
  }

  public func preview<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try database.preview(body)
  }

  // MARK: Identity

  public func identity() throws(TapestryError) -> StateIdentity { try Self.identity(try database) }

  private static func identity(_ database: Database) throws(TapestryError) -> StateIdentity {
    let found = try database.first(.identity) { row throws(TapestryError) in
      let (device, inode): (Int64?, Int64?) = (try row.optional(1), try row.optional(2))
      let namespace = device.flatMap { device in
        inode.map { NetworkNamespace.Identity(device: UInt64(bitPattern: device), inode: UInt64(bitPattern: $0)) }
      }
      let (fileDevice, fileInode): (Int64?, Int64?) = (try row.optional(3), try row.optional(4))
      let file = database.fileIdentity
      let isCopy = fileInode != nil && (fileDevice, fileInode) != (file?.device, file?.inode)
      return StateIdentity(id: try row.value(0), namespace: namespace, isCopy: isCopy)
    }
    guard let found else {
      throw SQLiteFailure.corrupt(path: database.path, doing: "read the file's identity", "it has none")
    }
    return found
  }

  public func setNamespace(_ namespace: NetworkNamespace.Identity) throws(TapestryError) {
    _ = try takingDown { () throws(TapestryError) in
      let file = try database.fileIdentity
      try database.run(
        .setNamespace, Int64(bitPattern: namespace.device), Int64(bitPattern: namespace.inode), file?.device,
        file?.inode)
    }
  }

  // MARK: Boots

  private static func currentBoot() throws(TapestryError) -> String {
    do throws(SystemError) {
      return try Kernel.bootID()
    } catch {
      throw TapestryError(
        .stateUnavailable, "Cannot tell which boot this is: \(error)",
        cause: .init(operation: error.operation, errno: error.errno.rawValue, message: "\(error.errno)"))
    }
  }

  /// Ends what was of an earlier boot: leases and reservations, whose addresses go into cool-down, and what sysctls
  /// were before that boot's changes.
  private static func startBoot(_ id: String, in database: Database) throws(TapestryError) {
    try database.transaction { () throws(TapestryError) in
      // Another process may have come first.
      guard try database.first(.boot, read: Self.boot) != id else { return }
      try database.run(.coolDownLeases)
      try database.run(.coolDownReservations)
      try database.run(.deleteLeases)
      try database.run(.deleteReservations)
      try database.run(.deleteSysctls)
      try database.run(.setNamespace, Int64?.none, Int64?.none, Int64?.none, Int64?.none)
      try database.run(.setBoot, id)
    }
  }

  private static func boot(_ row: Row) throws(TapestryError) -> String { try row.value(0) }
}
