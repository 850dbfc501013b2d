import CLinux
import Linux
public import Netlink

extension NFTablesSocket {
  /// Reads several things of one generation of the ruleset: where a change came in between, all again.
  /// - Returns: What was read, and the generation. A transaction that was computed from it carries the generation.
  /// - Throws: `NetlinkError`; EINTR when the ruleset changed 64 times in a row.
  public mutating func consistently<Value>(
    _ read: (inout NFTablesSocket) throws(NetlinkError) -> Value
  ) throws(NetlinkError) -> (value: Value, generation: UInt32) {
    var before = try generation()
    for _ in 0..<64 {
      let result: Result<Value, NetlinkError>
      do throws(NetlinkError) {
        result = .success(try read(&self))
      } catch {
        result = .failure(error)
      }
      let after = try generation()
      // A failure too may come of a change in between: a table that was listed is gone.
      if before == after { return (try result.get(), after) }
      before = after
    }
    throw NetlinkError(
      operation: "read the ruleset", errno: .interrupted, kernelMessage: "it changed 64 times in a row")
  }

  /// A table with all it holds, of one generation; nil where there is no such table.
  public mutating func contents(of id: Table.ID) throws(NetlinkError) -> TableContents? {
    try consistently { socket throws(NetlinkError) in try socket.contents(of: [id]).first }.value
  }

  /// Tables with all they hold, in this order, without those that are not there. A set that is known to be empty is not
  /// asked for its elements. They are of one generation where `generation()` is the same before and after.
  /// - Parameter isRead: Whether the elements of a set are asked for.
  public mutating func contents(
    of ids: [Table.ID], elementsOf isRead: (NamedSet) -> Bool = { _ in true }
  ) throws(NetlinkError) -> [TableContents] {
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
      for set in try filled(one.sets.filter(isRead)) {
        let elements = try elements(of: set)
        if !elements.isEmpty { one.elements[set.id.name] = elements }
      }
      one.chains = chains[table.id, default: []]
      one.rules = try rules(of: table.id).map(\.rule)
      contents.append(one)
    }
    return contents
  }

  /// Those that may have elements. The count is by halves where ranges are stored as two elements, and so 0 for a range without
  /// an end (nft_rbtree_usize). An element for all keys that have none, `*`, is not counted (nft_setelem_catchall_insert): sets
  /// that seem empty are asked for it, all by one request.
  private mutating func filled(_ sets: [NamedSet]) throws(NetlinkError) -> [NamedSet] {
    let empty = sets.filter { $0.count == 0 && !$0.storesIntervalEnds }
    guard !empty.isEmpty else { return sets }
    var requests = MessageBuffer()
    for set in empty {
      requests.message(.getElement, [], set.id.table.family, operation: "look for * in set \(set.id)") {
        $0.put(NFTA_SET_ELEM_LIST_TABLE, set.id.table.name)
        $0.put(NFTA_SET_ELEM_LIST_SET, set.id.name)
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
