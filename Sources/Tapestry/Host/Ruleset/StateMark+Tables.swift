import NFTables

/// A set of table `inet tapestry` whose elements do not matter. Its name says which state file the tables were made from,
/// and which layout they have. A change that begins with an element of it fails if the tables belong to another file.
extension StateMark {
  private static let prefix = "state."

  var set: NamedSet {
    NamedSet(
      RulesetTables.inet.id, "\(Self.prefix)\(id).\(RulesetTables.layout)", .inetProtocol, comment: path)
  }
  /// The kernel accepts an element that already exists, and refuses one for a set that does not exist.
  var element: Element { Element(.inetProtocol(0)) }

  init(id: String, statePath: String) { self.init(id: id, path: Self.shortened(statePath)) }

  /// Returns nil for other sets.
  init?(_ set: NamedSet) {
    let words = set.id.name.split(separator: ".", omittingEmptySubsequences: false)
    guard set.id.table == RulesetTables.inet.id, set.id.name.hasPrefix(Self.prefix), words.count == 3 else {
      return nil
    }
    self.init(id: String(words[1]), path: set.comment ?? "")
  }

  /// The path as the comment of a set: at most 127 bytes (NFTNL_UDATA_COMMENT_MAXLEN), without characters that nft(8) could
  /// not read back.
  private static func shortened(_ path: String) -> String {
    let plain = path.unicodeScalars.map {
      $0.properties.isWhitespace || $0 == "\"" || $0.value < 32 ? "?" : Character($0)
    }
    guard path.utf8.count > 120 else { return String(plain) }
    var kept = String(plain.suffix(117))
    while kept.utf8.count > 117 { kept.removeFirst() }
    return "…\(kept)"
  }
}
