import NFTables
import TestKit

/// What nft(8) says is in a namespace.
extension TestNamespace {
  /// `nft -j list ruleset`, without what differs between two rulesets that mean the same: handles, and the order in
  /// which a hash table gives its elements.
  func listRuleset() async throws -> [JSONValue] {
    try await json("nft", "-j", "list", "ruleset")["nftables"].elements
      .filter { $0["metainfo"].isNull }
      .map { $0.normalized(within: nil) }
  }

  func load(_ script: String) async throws {
    _ = try await command(arguments: ["nft", "-f", "-"], input: script).checked()
  }

  func apply(_ transaction: Transaction) async throws {
    try await run {
      var socket = try NFTablesSocket()
      try socket.apply(transaction)
    }
  }
}

extension JSONValue {
  fileprivate func normalized(within key: String?) -> JSONValue {
    switch self {
    case .object(let members):
      .object(
        members.filter { !["handle", "expires"].contains($0.key) }.reduce(into: [:]) {
          $0[$1.key] = $1.value.normalized(within: $1.key)
        })
    case .array(let elements) where key == "elem":
      .array(elements.map { $0.normalized(within: nil) }.sorted { "\($0)" < "\($1)" })
    case .array(let elements): .array(elements.map { $0.normalized(within: nil) })
    default: self
    }
  }
}
