import CLinux
import Glibc
public import Linux
public import NetTypes

/// A socket to the tables of iptables-legacy or ip6tables-legacy, in the network namespace in which it was made.
public struct XtablesSocket: ~Copyable, Sendable {
  public let family: IPFamily
  private let descriptor: OwnedFileDescriptor

  /// What iptables(8) locks while it changes a table: the kernel replaces a table as a whole, and cannot tell what has
  /// changed since it was read but for the number of its entries.
  public static let lockPath = "/run/xtables.lock"

  public init(_ family: IPFamily) throws(SystemError) {
    self.family = family
    descriptor = OwnedFileDescriptor(owning: try valueOrError(clinux_xtables_open(family == .v6), "open a socket"))
  }

  /// The names of a family's tables in the network namespace of the calling thread. Asking for any other would make it.
  public static func tables(_ family: IPFamily) -> [String] {
    let file = family == .v6 ? "ip6_tables_names" : "ip_tables_names"
    let names = (try? File.readLine("/proc/thread-self/net/\(file)")) ?? ""
    return names.split(separator: "\n").map(String.init)
  }

  /// A table with all it holds.
  /// - Throws: `SystemError`: EBADMSG for what cannot be understood, EPERM without CAP_NET_ADMIN.
  public func read(_ table: String) throws(SystemError) -> XtablesTable {
    try retrying { () throws(SystemError) in try readOnce(table) }
  }

  /// Changes a table, and lets every rule keep what it has counted. Others who change it wait.
  /// - Parameter edit: may be called again, with what the table has become.
  /// - Throws: `SystemError`: as reading does, and as the kernel finds the table.
  public func change(_ table: String, _ edit: (inout XtablesTable) -> Void) throws(SystemError) {
    let file = try File.open(Self.lockPath, flags: O_RDWR | O_CREAT, mode: 0o600)
    try File.lock(file, Self.lockPath)
    try retrying { () throws(SystemError) in
      let present = try readOnce(table)
      var changed = present
      edit(&changed)
      if changed != present { try replace(changed) }
    }
  }

  // MARK: One by one

  private var isIPv6: Bool { family == .v6 }
  private var program: String { isIPv6 ? "ip6tables-legacy" : "iptables-legacy" }

  private func readOnce(_ table: String) throws(SystemError) -> XtablesTable {
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
  ) throws(SystemError) -> Value {
    do throws(XtablesDecodingFailure) { return try body() } catch {
      throw SystemError("\(operation): \(error)", .badMessage)
    }
  }

  func replace(_ table: XtablesTable) throws(SystemError) {
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
      }, "keep the counters of table \(table.name) of \(program)")
  }

  private static let attempts = 20

  /// EAGAIN says that the table was replaced between two looks at it.
  private func retrying<Value>(_ body: () throws(SystemError) -> Value) throws(SystemError) -> Value {
    for _ in 1..<Self.attempts {
      do throws(SystemError) { return try body() } catch { guard error.errno == .again else { throw error } }
    }
    return try body()
  }
}
