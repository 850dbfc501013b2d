import NFTables

/// A ruleset in both forms: the script that nft(8) loads, and ours.
struct Ruleset: Sendable, CustomStringConvertible {
  var description: String
  var script: String
  var transaction: @Sendable () throws -> Transaction

  init(description: String, script: String, transaction: @escaping @Sendable () throws -> Transaction) {
    self.description = description
    self.script = script
    self.transaction = transaction
  }
}
