import CLinux
import Glibc
import Linux
public import NetTypes
public import Netlink

/// A socket to ctnetlink: the tracked connections of the network namespace in which it was made.
///
/// Where the kernel tracks no connections (nfnetlink or ctnetlink is neither built in nor can be loaded), there are
/// none, and that is no error.
public struct ConntrackSocket: ~Copyable, Sendable {
  /// nil where the kernel had no nfnetlink when the socket was made.
  private var socket: NetlinkSocket?
  /// Whether flushes with CTA_FILTER are worth trying.
  private var hasFilteredFlush = true

  public init() throws(NetlinkError) {
    do throws(NetlinkError) {
      socket = try NetlinkSocket(.netfilter)
    } catch {
      guard Self.meansNoConntrack(error.errno) else { throw error }
      socket = nil
    }
  }

  /// Everything in the table, of both families: an IPCTNL_MSG_CT_GET dump.
  public mutating func entries() throws(NetlinkError) -> [ConntrackEntry] {
    try dump(family: AF_UNSPEC) { payload throws(DecodingFailure) in try ConntrackEntry(decoding: payload) }
  }

  /// Forgets the connections over IPv4 that are unwanted.
  /// - Returns: Those.
  public mutating func forget(
    where isUnwanted: (ConntrackEntry) -> Bool
  ) throws(NetlinkError) -> [ConntrackEntry] {
    let unwanted = try dump(family: AF_INET) { payload throws(DecodingFailure) -> (ConntrackEntry, EntryKey)? in
      guard let entry = try ConntrackEntry(decoding: payload), isUnwanted(entry) else { return nil }
      return (entry, try EntryKey(decoding: payload))
    }
    try delete(unwanted.map(\.1))
    return unwanted.map(\.0)
  }

  /// Forgets every connection in which one of the addresses is the original or the reply direction's source or
  /// destination, so that packets of a later owner of the address meet no earlier owner's connections.
  ///
  /// It forgets what is in the table at the time: stop the traffic first. Connections that are not there are no error.
  /// - Throws: `NetlinkError`: EPERM without CAP_NET_ADMIN.
  public mutating func flush(addresses: [IPv4Address]) throws(NetlinkError) {
    let addresses = Set(addresses)
    guard !addresses.isEmpty else { return }
    if hasFilteredFlush, addresses.count <= Self.filteredFlushAddresses {
      if try flushFiltered(addresses) { return }
      hasFilteredFlush = false
    }
    try flushDumped(addresses)
  }

  /// Up to how many addresses the kernel's own flush is the cheaper one: it walks the table four times for each, and
  /// a dump once, more slowly, for all. Measured for one address on a kernel 6.18 whose table has 262,144 buckets:
  /// 0.5 ms against 9 ms with ten entries, 6 ms against 27 ms with 10,000. For four, 23 ms against 27 ms.
  static let filteredFlushAddresses = 4

  /// - Returns: false when the kernel refused: then the dump does the same, or tells what is wrong.
  mutating func flushFiltered(_ addresses: Set<IPv4Address>) throws(NetlinkError) -> Bool {
    var buffer = MessageBuffer()
    for address in addresses.sorted() {
      for place in AddressPlace.allCases { buffer.flushConntrack(address, in: place) }
    }
    return try send(buffer).isEmpty
  }

  /// One dump, and one deletion for each entry that it shows. It does not show those that the kernel makes where two
  /// first packets raced (IPS_NAT_CLASH); they end by themselves within seconds.
  mutating func flushDumped(_ addresses: Set<IPv4Address>) throws(NetlinkError) {
    try delete(try keys(addresses))
  }

  /// The entries in which one of the addresses stands.
  mutating func keys(_ addresses: Set<IPv4Address>) throws(NetlinkError) -> [EntryKey] {
    try dump(family: AF_INET) { payload throws(DecodingFailure) in
      try EntryKey(decoding: payload, ifNaming: addresses)
    }
  }

  /// Deletes entries one by one; that one has ended meanwhile is no failure.
  mutating func delete(_ keys: [EntryKey]) throws(NetlinkError) {
    var failures: [NetlinkError] = []
    var buffer = MessageBuffer()
    for key in keys {
      buffer.deleteConntrackEntry(key)
      if buffer.bytes.count >= Self.datagramBytes {
        failures += try send(buffer)
        buffer = MessageBuffer()
      }
    }
    failures += try send(buffer)
    if let failure = failures.first(where: { $0.errno != .noSuchFile }) { throw failure }
  }

  /// A socket's send buffer takes 208 KiB unless the host's administrator chose less; a datagram over it is EMSGSIZE.
  private static let datagramBytes = 64 << 10

  // MARK: Exchanges

  private mutating func send(_ messages: consuming MessageBuffer) throws(NetlinkError) -> [NetlinkError] {
    messages.acknowledgeLast()
    return try socket?.send(messages) ?? []
  }

  private mutating func dump<Value>(
    family: Int32, decoding decode: (RawSpan) throws(DecodingFailure) -> Value?
  ) throws(NetlinkError) -> [Value] {
    var request = MessageBuffer()
    request.listConntrack(family: family)
    var values: [Value] = []
    do throws(NetlinkError) {
      try socket?.query(
        request, restart: { values.removeAll(keepingCapacity: true) },
        { type, payload throws(DecodingFailure) in
          guard type == Self.entryType, let value = try decode(payload) else { return }
          values.append(value)
        })
    } catch {
      guard Self.meansNoConntrack(error.errno) else { throw error }
      return []
    }
    return values
  }

  /// IPCTNL_MSG_CT_NEW, with which the kernel answers a dump.
  private static let entryType = UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_NEW.rawValue)

  /// What a kernel answers that has no nfnetlink (EPROTONOSUPPORT), or has it without ctnetlink (EINVAL).
  static func meansNoConntrack(_ errno: Errno) -> Bool {
    [.protocolNotSupported, .invalidArgument, .notSupported].contains(errno)
  }
}
