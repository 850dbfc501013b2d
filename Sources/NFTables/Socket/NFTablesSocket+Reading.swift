import CLinux
import Glibc
public import Linux
import Netlink

/// Queries. Each is one consistent dump: the kernel reports a change during a dump, and the dump is repeated. Several
/// queries are consistent with each other if `generation()` is the same before and after.
extension NFTablesSocket {
  /// Returns the tables of a family, or of all families.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EBADMSG for a malformed answer.
  public mutating func tables(_ family: Family? = nil) throws(KernelError) -> [Table] {
    try dump(.getTable, family, "list tables") { payload throws(DecodingFailure) in
      // A dump of all families may include one that this code does not know.
      guard Family(rawValue: try payload.integer()) != nil else { return nil }
      return try Table(decoding: payload)
    }
  }

  /// Returns the chains of these tables that exist, with one dump. The kernel sends those of all tables.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EBADMSG for a malformed answer.
  public mutating func chains(of tables: Set<Table.ID>) throws(KernelError) -> [Chain] {
    try dump(.getChain, tables.family, "list chains of \(tables.text)") { payload throws(DecodingFailure) in
      // The chains of other tables may be of a type that this code does not know.
      try payload.isOf(tables, NFTA_CHAIN_TABLE) ? Chain(decoding: payload) : nil
    }
  }

  /// Returns the objects of these tables, with one dump. The kernel sends those of all tables.
  mutating func objects(of tables: Set<Table.ID>) throws(KernelError) -> [StatefulObject] {
    try dump(.getObject, tables.family, "list objects of \(tables.text)") { payload throws(DecodingFailure) in
      try payload.isOf(tables, NFTA_OBJ_TABLE) ? StatefulObject(decoding: payload) : nil
    }
  }

  /// Returns the sets and maps of these tables, with one dump. The kernel sends those of all tables.
  mutating func sets(of tables: Set<Table.ID>) throws(KernelError) -> [NamedSet] {
    try dump(.getSet, tables.family, "list sets of \(tables.text)") { payload throws(DecodingFailure) in
      try payload.isOf(tables, NFTA_SET_TABLE) ? NamedSet(decoding: payload) : nil
    }
  }

  /// Returns the sets and maps of a table.
  /// - Throws: `KernelError`: ENOENT if there is no such table; EPERM without CAP_NET_ADMIN; EBADMSG for a malformed
  ///   answer.
  public mutating func sets(of table: Table.ID) throws(KernelError) -> [NamedSet] {
    try dump(.getSet, table.family, "list sets of table \(table)") {
      $0.put(NFTA_SET_TABLE, table.name)
    } decode: { payload throws(DecodingFailure) in
      try NamedSet(decoding: payload)
    }
  }

  /// Returns the elements of a set, in ascending order of their keys' bytes.
  /// - Throws: `KernelError`: ENOENT if there is no such set; EPERM without CAP_NET_ADMIN; EINTR if the kernel keeps
  ///   resizing the set's hash table; EBADMSG for a malformed answer.
  public mutating func elements(of set: NamedSet) throws(KernelError) -> [Element] {
    var request = MessageBuffer()
    let operation = "list elements of set \(set.id)"
    request.message(.getElement, .dump, set.id.table.family, operation: operation) {
      $0.put(NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET, set.id.table, set.id.name)
    }
    var stored: [StoredElement] = []
    for attempt in 1...Self.maximumReads {
      stored = []
      try socket.query(request, restart: { stored = [] }) { _, payload throws(DecodingFailure) in
        try StoredElement.append(from: payload, of: set, to: &stored)
      }
      guard stored.hasDuplicates else { break }
      guard attempt < Self.maximumReads else {
        throw KernelError(
          operation: operation, errno: .interrupted, kernelMessage: "the kernel kept resizing the set's hash table")
      }
      usleep(UInt32(attempt) * 1_000)
    }
    do throws(DecodingFailure) {
      return try Element.elements(stored, of: set)
    } catch {
      throw KernelError(operation: operation, error)
    }
  }

  /// How often to read a set while the kernel resizes its hash table.
  private static let maximumReads = 20

  /// Returns the rules of a table, or of one of its chains, in order; none if there is no such table or chain.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EBADMSG for a malformed answer.
  public mutating func rules(
    of table: Table.ID, chain: String? = nil
  ) throws(KernelError) -> [InstalledRule] {
    try dump(.getRule, table.family, "list rules of table \(table)") {
      $0.put(NFTA_RULE_TABLE, table.name)
      if let chain { $0.put(NFTA_RULE_CHAIN, chain) }
    } decode: { payload throws(DecodingFailure) in
      try InstalledRule(decoding: payload)
    }
  }

  private mutating func dump<Object>(
    _ type: MessageType, _ family: Family?, _ operation: String,
    _ attributes: (inout MessageBuffer) -> Void = { _ in }, decode: (RawSpan) throws(DecodingFailure) -> Object?
  ) throws(KernelError) -> [Object] {
    var request = MessageBuffer()
    request.message(type, .dump, family, operation: operation, attributes)
    var objects: [Object] = []
    try socket.query(request, restart: { objects = [] }) { _, payload throws(DecodingFailure) in
      if let object = try decode(payload) { objects.append(object) }
    }
    return objects
  }
}

extension [StoredElement] {
  /// True if the dump has an element twice, and so may lack another. The kernel resizes a growing hash table in the
  /// background, and does not report that to a dump in progress (rht_deferred_worker in lib/rhashtable.c).
  fileprivate var hasDuplicates: Bool {
    var keys: Set<[UInt8]> = []
    keys.reserveCapacity(count)
    return contains { !$0.flags.contains(.intervalEnd) && !keys.insert($0.key).inserted }
  }
}

extension Set<Table.ID> {
  /// The family of all tables; nil if there are several, which requests all families.
  fileprivate var family: Family? {
    let families = Set<Family>(map(\.family))
    return families.count == 1 ? families.first : nil
  }

  fileprivate var text: String {
    (count == 1 ? "table " : "tables ") + map(\.description).sorted().joined(separator: ", ")
  }
}

extension RawSpan {
  /// Returns true if the object of this payload belongs to one of the tables.
  fileprivate func isOf(
    _ tables: Set<Table.ID>, _ name: some RawRepresentable<UInt32>
  ) throws(DecodingFailure) -> Bool {
    guard let family = Family(rawValue: try integer()) else { return false }
    var isOf = false
    try forEachAttribute(from: Self.familyHeaderBytes) { type, value throws(DecodingFailure) in
      if type == name.attribute { isOf = tables.contains(Table.ID(family, value.string)) }
    }
    return isOf
  }
}

extension StoredElement {
  /// Decodes the payload of NFT_MSG_NEWSETELEM: `struct nfgenmsg`, then attributes.
  static func append(
    from payload: RawSpan, of set: NamedSet, to stored: inout [StoredElement]
  ) throws(DecodingFailure) {
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, list throws(DecodingFailure) in
      guard type == NFTA_SET_ELEM_LIST_ELEMENTS.attribute else { return }
      try list.forEachAttribute { _, element throws(DecodingFailure) in
        stored.append(try StoredElement(decoding: element, in: set))
      }
    }
  }
}
