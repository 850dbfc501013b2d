import SQLite

extension SQLiteLeaseStore {
  /// Reads the whole store and checks its integrity and consistency. Takes time proportional to the store's size.
  /// - Throws: `STATE_CORRUPT`, with the first violation.
  package func verify() throws(TapestryError) {
    // SQLite checks pages, indexes and constraints.
    let answer = try database.value(.integrity, as: String.self)
    guard answer == "ok" else { throw try damaged(answer ?? "integrity_check has no result") }
    // Reading a row checks its values.
    _ = try networks()
    _ = try leases()
    _ = try reservations()
    _ = try rememberedSysctls()
    // Invariants that no constraint expresses.
    try expectNone(.strayAddresses, "belong to no network, or are not guest addresses of their network")
    try expectNone(.addressesHeldTwice, "are held twice, or are both held and in cool-down")
  }

  private func expectNone(_ query: Query, _ fault: String) throws(TapestryError) {
    let count = try database.value(query, as: Int.self)
    guard count == 0 else { throw try damaged("\(count ?? 0) addresses \(fault)") }
  }

  private func damaged(_ words: String) throws(TapestryError) -> TapestryError {
    StateFile.damaged(try database.path, doing: "verify", words)
  }
}
