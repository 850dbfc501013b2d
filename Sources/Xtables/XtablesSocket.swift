import CLinux
import Glibc
public import Linux
public import NetTypes

/// A socket for the tables of iptables-legacy or ip6tables-legacy, in the network namespace in which it was opened.
public struct XtablesSocket: ~Copyable, Sendable {
  /// The address family of the tables.
  public let family: IPFamily
  private let descriptor: OwnedFileDescriptor

  /// The file that iptables(8) locks while it changes a table. The kernel replaces a table as a whole; except by the number
  /// of entries, it cannot detect that the table has changed since it was read.
  public static let lockPath = "/run/xtables.lock"

  /// Opens a socket in the network namespace of the calling thread.
  /// - Throws: `KernelError` with the errno of socket(2).
  public init(_ family: IPFamily) throws(KernelError) {
    self.family = family
    descriptor = OwnedFileDescriptor(owning: try valueOrError(clinux_xtables_open(family == .v6), "open a socket"))
  }

  /// Returns the names of a family's tables in the network namespace of the calling thread, from
  /// /proc/thread-self/net/ip_tables_names or ip6_tables_names. Reading any other table would create it.
  public static func tables(_ family: IPFamily) -> [String] {
    let file = family == .v6 ? "ip6_tables_names" : "ip_tables_names"
    let names = (try? File.readLine("/proc/thread-self/net/\(file)")) ?? ""
    return names.split(separator: "\n").map(String.init)
  }

  /// Reads a table with all its rules: IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EBADMSG if the table cannot be decoded; EAGAIN if it keeps
  ///   changing.
  public func read(_ table: String) throws(KernelError) -> XtablesTable {
    try retrying { () throws(KernelError) in try readOnce(table) }
  }

  /// Changes a table: IPT_SO_SET_REPLACE, IPT_SO_SET_ADD_COUNTERS. Every rule keeps its counters. Holds the lock of
  /// iptables(8) meanwhile.
  /// - Parameter edit: Changes the table. If the table has changed meanwhile, this is called again with the new table.
  /// - Throws: `KernelError`: the errors of `read`, of the lock file, and of the kernel's checks of the table.
  public func change(_ table: String, _ edit: (inout XtablesTable) -> Void) throws(KernelError) {
    let file = try File.open(Self.lockPath, flags: O_RDWR | O_CREAT, mode: 0o600)
    try File.lock(file, Self.lockPath)
    try retrying { () throws(KernelError) in
      let present = try readOnce(table)
      var changed = present
      edit(&changed)
      if changed != present { try replace(changed) }
    }
  }

  // MARK: Single attempts

  private var isIPv6: Bool { family == .v6 }
  private var program: String { isIPv6 ? "ip6tables-legacy" : "iptables-legacy" }

  private func readOnce(_ table: String) throws(KernelError) -> XtablesTable {
    let operation = "read table \(table) of \(program)"
    var info = [UInt8](zeroes: XtablesTable.InfoOffset.end)
    info.set(Array(table.utf8.prefix(XtablesTable.nameBytes - 1)), at: 0)
    _ = try valueOrError(
      unsafe info.withUnsafeMutableBytes {
        unsafe clinux_xtables_get_info(descriptor.rawValue, isIPv6, $0.baseAddress, $0.count)
      }, operation)
    let size: UInt32 = try decoded(operation) { () throws(XtablesDecodingFailure) in
      try info.integer(at: XtablesTable.InfoOffset.size)
    }
    let head = XtablesTable.EntriesOffset.entries
    var bytes = [UInt8](zeroes: head + Int(size))
    bytes.set(Array(info[..<XtablesTable.nameBytes]), at: 0)
    bytes.set(size, at: XtablesTable.EntriesOffset.size)
    _ = try valueOrError(
      unsafe bytes.withUnsafeMutableBytes {
        unsafe clinux_xtables_get_entries(descriptor.rawValue, isIPv6, $0.baseAddress, $0.count)
      }, operation)
    return try decoded(operation) { () throws(XtablesDecodingFailure) in
      try XtablesTable(family: family, info: info, entries: Array(bytes[head...]))
    }
  }

  private func decoded<Value>(
    _ operation: String, _ body: () throws(XtablesDecodingFailure) -> Value
  ) throws(KernelError) -> Value {
    do throws(XtablesDecodingFailure) { return try body() } catch {
      throw KernelError("\(operation): \(error)", .badMessage)
    }
  }

  func replace(_ table: XtablesTable) throws(KernelError) {
    var replacement = table.replacement
    var counters = [UInt8](zeroes: table.originalCount * XtablesTable.counterBytes)
    let result = unsafe replacement.withUnsafeMutableBytes { bytes in
      unsafe counters.withUnsafeMutableBytes {
        unsafe clinux_xtables_replace(descriptor.rawValue, isIPv6, bytes.baseAddress, bytes.count, $0.baseAddress)
      }
    }
    _ = try valueOrError(result, "replace table \(table.name) of \(program)")
    let info = table.countersInfo(counters)
    _ = try valueOrError(
      unsafe info.withUnsafeBytes {
        unsafe clinux_xtables_add_counters(descriptor.rawValue, isIPv6, $0.baseAddress, $0.count)
      }, "restore the counters of table \(table.name) of \(program)")
  }

  private static let attempts = 20

  /// EAGAIN means that the table changed between two system calls.
  private func retrying<Value>(_ body: () throws(KernelError) -> Value) throws(KernelError) -> Value {
    for _ in 1..<Self.attempts {
      do throws(KernelError) { return try body() } catch { guard error.errno == .again else { throw error } }
    }
    return try body()
  }
}
