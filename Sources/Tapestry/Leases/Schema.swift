import SQLite

/// The tables of a state file, and the migrations of older files.
enum Schema {
  /// Stored in `PRAGMA user_version`; 0 in a file without tables.
  static var version: Int64 { Int64(migrations.count) }

  /// In bytes.
  static let pageSize = 1024

  /// Each element migrates a file from the version of its index to the next. Released migrations never change: new ones
  /// are appended.
  static let migrations: [String] = [
    first, policies, limits, identity, namespaces, changes, firewalls, files, settings, networkSettings, labels,
  ]

  private static let labels = """
    -- For `SQLiteLeaseStore.mayAllow`, which an attach of a guest with labels asks.
    CREATE INDEX lease_allowing_labels ON lease (settings) WHERE instr(settings, 'label ');
    CREATE INDEX lease_unsettled ON lease (vm) WHERE unsettled;
    """

  private static let settings = """
    -- `AttachmentSettings` as text, without the published ports; '' if nothing is set.
    ALTER TABLE lease ADD COLUMN settings TEXT NOT NULL DEFAULT '';
    UPDATE lease SET settings = substr(
      coalesce(';owner=' || owner_uid || coalesce(':' || owner_gid, ''), '') || coalesce(';egress=' || egress, '')
        || coalesce(';rate-limit=' || rate_limit, '') || coalesce(';max-connections=' || max_connections, ''), 2);
    ALTER TABLE lease DROP COLUMN owner_uid;
    ALTER TABLE lease DROP COLUMN owner_gid;
    ALTER TABLE lease DROP COLUMN egress;
    ALTER TABLE lease DROP COLUMN rate_limit;
    ALTER TABLE lease DROP COLUMN max_connections;
    """

  private static let networkSettings = """
    -- `NetworkSettings` as text; '' if nothing is set.
    ALTER TABLE network ADD COLUMN settings TEXT NOT NULL DEFAULT '';
    -- Addresses of `dns`: one byte of it, two hexadecimal digits, a step.
    WITH RECURSIVE list(name, rest, text) AS (
      SELECT name, hex(dns), '' FROM network
      UNION ALL
      SELECT name, substr(rest, 3), text || iif(text = '', '', iif(length(rest) % 8 = 0, ' ', '.'))
        || (16 * instr('123456789ABCDEF', substr(rest, 1, 1)) + instr('123456789ABCDEF', substr(rest, 2, 1)))
      FROM list WHERE rest != '')
    UPDATE network SET settings = substr(
      (SELECT iif(text = '', '', ';dns=' || text) FROM list WHERE list.name = network.name AND rest = '')
        || iif(inter_vm, ';allow-inter-vm=yes', '') || iif(nat, '', ';nat=no') || iif(egress = '', '', ';egress=' || egress)
        || iif(host_access = 'icmp', '', ';host-access=' || host_access)
        || iif(opens_firewalls, '', ';firewall-rules=no')
        || coalesce(';dns-server=' || name_server, ''), 2);
    ALTER TABLE network DROP COLUMN dns;
    ALTER TABLE network DROP COLUMN inter_vm;
    ALTER TABLE network DROP COLUMN nat;
    ALTER TABLE network DROP COLUMN egress;
    ALTER TABLE network DROP COLUMN host_access;
    ALTER TABLE network DROP COLUMN name_server;
    ALTER TABLE network DROP COLUMN opens_firewalls;
    """

  private static let identity = """
    -- One row: the file's id, and the network namespace with its kernel objects (device and inode); NULL while there are
    -- none.
    CREATE TABLE identity (id TEXT NOT NULL, device INTEGER, inode INTEGER) STRICT;
    INSERT INTO identity VALUES (lower(hex(randomblob(8))), NULL, NULL);
    """

  private static let namespaces = """
    -- DEVICE:INODE of the PID namespace of the process id; NULL if an earlier version did not store it.
    ALTER TABLE lease ADD COLUMN pid_namespace TEXT;
    ALTER TABLE reservation ADD COLUMN pid_namespace TEXT;
    """

  private static let changes = """
    -- `Lease.Change`: what was changed and may not be in force yet.
    ALTER TABLE lease ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
    """

  private static let firewalls = """
    -- Whether rules that accept the guests' packets are added to other firewalls.
    ALTER TABLE network ADD COLUMN opens_firewalls INTEGER NOT NULL DEFAULT 1;
    """

  private static let files = """
    -- The device and inode of the file when it was last used; NULL while unknown.
    ALTER TABLE identity ADD COLUMN file_device INTEGER;
    ALTER TABLE identity ADD COLUMN file_inode INTEGER;
    -- Whether its settings were changed, and the kernel may still have the old ones.
    ALTER TABLE network ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
    """

  private static let limits = """
    -- A number, or 'none'; NULL: the default.
    ALTER TABLE lease ADD COLUMN max_connections TEXT;
    """

  private static let policies = """
    ALTER TABLE network ADD COLUMN egress TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN host_access TEXT NOT NULL DEFAULT 'icmp';
    -- Upstream DNS resolvers, '': those of the host; NULL: the network has no DNS server.
    ALTER TABLE network ADD COLUMN name_server TEXT;
    -- The prefix as text; NULL for a network without IPv6.
    ALTER TABLE network ADD COLUMN subnet6 TEXT;
    ALTER TABLE network ADD COLUMN nat6 INTEGER NOT NULL DEFAULT 0;
    -- NULL: the network's policy applies.
    ALTER TABLE lease ADD COLUMN egress TEXT;
    -- NULL for none.
    ALTER TABLE lease ADD COLUMN rate_limit TEXT;

    -- Host ports that are forwarded to guests. Each belongs to one lease.
    CREATE TABLE published (
      transport TEXT NOT NULL,
      host_port INTEGER NOT NULL,
      host_address INTEGER NOT NULL,  -- 0 for all addresses of the host
      guest_port INTEGER NOT NULL,
      vm TEXT NOT NULL,
      interface TEXT NOT NULL,
      PRIMARY KEY (transport, host_port, host_address)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX published_by_lease ON published (vm, interface);
    CREATE TRIGGER unpublish AFTER DELETE ON lease BEGIN
      DELETE FROM published WHERE vm = OLD.vm AND interface = OLD.interface;
    END;
    """

  private static let first = """
    -- One row: the boot that the leases belong to.
    CREATE TABLE boot (id TEXT NOT NULL) STRICT;
    INSERT INTO boot VALUES ('');

    CREATE TABLE network (
      name TEXT PRIMARY KEY NOT NULL,
      mode TEXT NOT NULL,
      subnet INTEGER NOT NULL,        -- the network address, in host byte order
      prefix_length INTEGER NOT NULL,
      bridge TEXT NOT NULL UNIQUE,
      mtu INTEGER NOT NULL,
      dns BLOB NOT NULL,              -- four bytes each, in network byte order
      inter_vm INTEGER NOT NULL,
      nat INTEGER NOT NULL,
      next_address INTEGER NOT NULL,  -- the watermark: addresses from here on were only taken if asked for by name
      -- What the guests of a network of mode clone believe; NULL in other modes.
      guest_address INTEGER,
      guest_prefix_length INTEGER,
      guest_mac INTEGER,
      guest_gateway INTEGER,
      guest_gateway_mac INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lease (
      vm TEXT NOT NULL,
      interface TEXT NOT NULL,
      network TEXT NOT NULL,
      address INTEGER NOT NULL,
      mac INTEGER NOT NULL,
      tap_name TEXT NOT NULL UNIQUE,
      owner_uid INTEGER,
      owner_gid INTEGER,
      pid INTEGER,
      start_time INTEGER,
      state TEXT NOT NULL,
      PRIMARY KEY (vm, interface),
      UNIQUE (network, address),
      UNIQUE (network, mac)
    ) STRICT, WITHOUT ROWID;

    -- Addresses in cool-down; the lowest sequence is reused next.
    CREATE TABLE released (
      network TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      address INTEGER NOT NULL,
      PRIMARY KEY (network, sequence),
      UNIQUE (network, address)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE reservation (
      network TEXT NOT NULL,
      address INTEGER NOT NULL,
      pid INTEGER,
      start_time INTEGER,
      PRIMARY KEY (network, address)
    ) STRICT, WITHOUT ROWID;

    -- The values of sysctls before Tapestry changed them.
    CREATE TABLE sysctl (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

  // MARK: Versions

  /// Whether the file has the current tables; false if it has none yet, or older ones.
  /// - Throws: `STATE_CORRUPT`, also for another program's file; `STATE_UNAVAILABLE` for a newer Tapestry's file.
  static func isCurrent(_ database: StateDatabase) throws(TapestryError) -> Bool {
    if try userVersion(database) == version { return true }
    // Read both in one snapshot: another process may be creating the tables right now.
    let (found, tables) = try database.snapshot { () throws(TapestryError) in
      (try userVersion(database), try database.value(sql: "SELECT count(*) FROM sqlite_schema", as: Int.self))
    }
    if found == version { return true }
    let path = database.path
    guard found <= version else {
      throw TapestryError(
        .stateUnavailable,
        "State file '\(path)' was written by a newer Tapestry (file version \(found), supported \(version)): use that one"
      )
    }
    guard found > 0 || (found == 0 && tables == 0) else {
      throw StateFile.damaged(path, doing: "read version", "it is a database of another program")
    }
    return false
  }

  /// Creates or migrates the file's tables. The caller must hold the directory's lock.
  static func setUp(_ database: StateDatabase) throws(TapestryError) {
    guard try !isCurrent(database) else { return }
    // Outside any transaction, and before the tables exist: a file with a version is then known to have a log.
    if try userVersion(database) == 0 { try prepare(database) }
    try migrate(database)
  }

  /// Runs the migrations that the file lacks.
  static func migrate(_ database: StateDatabase) throws(TapestryError) {
    try database.transaction { () throws(TapestryError) in
      let found = Int(clamping: try userVersion(database))
      for (index, migration) in migrations.enumerated().dropFirst(max(found, 0)) {
        try database.run(sql: migration)
        try database.run(sql: "PRAGMA user_version = \(index + 1)")
      }
    }
  }

  private static func prepare(_ database: StateDatabase) throws(TapestryError) {
    // Small pages keep the log short, which the first process to open the file reads completely. Rows are small too.
    try database.run(sql: "PRAGMA page_size = \(pageSize)")
    guard try database.value(sql: "PRAGMA journal_mode = WAL", as: String.self) == "wal" else {
      throw TapestryError(
        .stateUnavailable,
        saying: """
          State file '\(database.path)' is on a file system without shared memory: use another one with \
          \(.set(.statePath))
          """)
    }
  }

  private static func userVersion(_ database: StateDatabase) throws(TapestryError) -> Int64 {
    try database.value(sql: "PRAGMA user_version", as: Int64.self) ?? 0
  }
}
