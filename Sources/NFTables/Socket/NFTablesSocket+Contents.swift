import CLinux
public import Linux
import Netlink

extension NFTablesSocket {
  /// Reads several objects of one generation of the ruleset. If the ruleset changes meanwhile, it reads them again.
  /// - Returns: The result of `read`, and the generation, which a transaction that is computed from it must carry.
  /// - Throws: `KernelError`: the error of `read`; EINTR if the ruleset changed 64 times in a row.
  public mutating func consistently<Value>(
    _ read: (inout NFTablesSocket) throws(KernelError) -> Value
  ) throws(KernelError) -> (value: Value, generation: UInt32) {
    var before = try generation()
    for _ in 0..<64 {
      let result = Result { () throws(KernelError) in try read(&self) }
      let after = try generation()
      // A change in between may also be the reason of a failure: a listed table was deleted.
      if before == after { return (try result.get(), after) }
      before = after
    }
    throw KernelError(
      operation: "read the ruleset", errno: .interrupted, kernelMessage: "the ruleset changed 64 times in a row")
  }

  /// Returns the tables that exist, in the order of `ids`, with their contents. The elements of a set that is known to be
  /// empty are not requested. The result is of one generation if `generation()` is the same before and after.
  /// - Parameters:
  ///   - ids: The tables.
  ///   - isRead: Whether to request the elements of a set.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; ENOENT if a set is deleted meanwhile; EBADMSG for a malformed
  ///   answer.
  public mutating func contents(
    of ids: [Table.ID], elementsOf isRead: (NamedSet) -> Bool = { _ in true }
  ) throws(KernelError) -> [TableContents] {
    let all = try tables()
    let found = ids.compactMap { id in all.first { $0.id == id } }
    guard !found.isEmpty else { return [] }
    let wanted = Set(found.map(\.id))
    let chains = Dictionary(grouping: try chains(of: wanted), by: \.id.table)
    let sets = Dictionary(grouping: try sets(of: wanted), by: \.id.table)
    let objects = Dictionary(grouping: try objects(of: wanted), by: \.table)
    var contents: [TableContents] = []
    for table in found {
      var one = TableContents(table)
      one.objects = objects[table.id, default: []]
      one.sets = sets[table.id, default: []]
      for set in try possiblyNonEmpty(one.sets.filter(isRead)) {
        let elements = try elements(of: set)
        if !elements.isEmpty { one.elements[set.id.name] = elements }
      }
      one.chains = chains[table.id, default: []]
      one.rules = try rules(of: table.id).map(\.rule)
      contents.append(one)
    }
    return contents
  }

  /// Returns the sets that may have elements. For sets that store a range as two elements, the kernel halves the count, so a
  /// range without an end counts as 0 (nft_rbtree_usize). A catch-all element, `*`, is not counted
  /// (nft_setelem_catchall_insert): for sets that seem empty, one batch of requests asks for it.
  private mutating func possiblyNonEmpty(_ sets: [NamedSet]) throws(KernelError) -> [NamedSet] {
    let empty = sets.filter { $0.count == 0 && !$0.storesIntervalEnds }
    guard !empty.isEmpty else { return sets }
    var requests = MessageBuffer()
    for set in empty {
      requests.message(.getElement, [], set.id.table.family, operation: "look for * in set \(set.id)") {
        $0.put(NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET, set.id.table, set.id.name)
        $0.nest(NFTA_SET_ELEM_LIST_ELEMENTS) { StoredElement.catchAll.encode(into: &$0) }
      }
    }
    let answers = try socket.sendBatch(requests)
    if let failure = answers.failures.first(where: { $0.errno != .noSuchFile }) { throw failure }
    let without = Set(answers.failures.map(\.index))
    let holdsNone = Set(empty.indices.filter(without.contains).map { empty[$0].id })
    return sets.filter { !holdsNone.contains($0.id) }
  }
}
