import NFTables

/// A set of table `inet tapestry` that has no elements that matter: its name says from which state file the tables were
/// made, and which layout they have. A change to the tables that begins with it fails where they are others'.
extension StateMark {
  private static let prefix = "state."

  var set: NamedSet {
    NamedSet(
      RulesetTables.inet.id, "\(Self.prefix)\(id).\(RulesetTables.layout)", .inetProtocol, comment: path)
  }
  /// The kernel takes one that is there for added, and refuses one in a set that is not.
  var element: Element { Element(.inetProtocol(0)) }

  init(id: String, statePath: String) { self.init(id: id, path: Self.shortened(statePath)) }

  /// nil for other sets.
  init?(_ set: NamedSet) {
    let words = set.id.name.split(separator: ".", omittingEmptySubsequences: false)
    guard set.id.table == RulesetTables.inet.id, set.id.name.hasPrefix(Self.prefix), words.count == 3 else {
      return nil
    }
    self.init(id: String(words[1]), path: set.comment ?? "")
  }

  /// As a comment of a set: 127 bytes at most (NFTNL_UDATA_COMMENT_MAXLEN), without what nft(8) could not read back.
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
