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
    try consistently { socket throws(NetlinkError) -> TableContents? in
      guard let table = try socket.tables(id.family).first(where: { $0.id == id }) else { return nil }
      var contents = TableContents(table)
      contents.objects = try socket.objects(of: id)
      contents.sets = try socket.sets(of: id)
      for set in contents.sets { contents.elements[set.id.name] = try socket.elements(of: set) }
      contents.chains = try socket.chains(of: id)
      contents.rules = try socket.rules(of: id).map(\.rule)
      return contents
    }.value
  }
}
