import NFTables

/// A ruleset in both forms: the script that nft(8) loads, and ours.
struct Ruleset: Sendable, CustomStringConvertible {
  var description: String
  var script: String
  var tables: @Sendable () throws -> [TableContents]

  init(_ description: String, script: String, tables: @escaping @Sendable () throws -> [TableContents]) {
    self.description = description
    self.script = script
    self.tables = tables
  }

  func transaction() throws -> Transaction {
    try tables().reduce(into: Transaction()) { $0.append(contentsOf: $1.installation) }
  }

  static let all: [Ruleset] = [.bridges, .clones, .expressions, .elements, .limits]
}
