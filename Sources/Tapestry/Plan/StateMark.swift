/// What the kernel's tables say about the state file that they were made from.
struct StateMark: Hashable, Sendable {
  /// `StateIdentity.id`.
  var id: String
  /// The file's path. A long path is cut at its beginning.
  var path: String
}

extension StateMark {
  /// The error if tables with this mark belong to another file. Returns nil if they belong to this one or do not say.
  func mismatch(with tables: StateMark?) -> TapestryError? {
    guard let tables, tables.id != id else { return nil }
    return .stateMismatch(self, tablesOf: tables)
  }
}

extension Observed {
  /// Why nothing on the host may be changed for a state file: the guests belong to another file, and would be cut off.
  ///
  /// If the tables do not say whose they are, the TAPs do. Each of ours is made after its lease is stored, so if a file
  /// knows none of them, they belong to another file.
  func mismatch(with own: StateMark, _ leases: [Lease]) -> TapestryError? {
    if let stateMark { return own.mismatch(with: stateMark) }
    let keys = Set(leases.map(\.key))
    let attached = links.values.filter(\.isOwned).compactMap { $0.mark?.key }
    guard !attached.isEmpty, keys.isDisjoint(with: attached) else { return nil }
    return .stateMismatch(own, unknown: attached.count)
  }
}

extension TapestryError {
  static func stateMismatch(_ own: StateMark, tablesOf other: StateMark) -> TapestryError {
    TapestryError(
      .stateMismatch,
      saying: """
        State file '\(own.path)' is not this host's: the tables 'tapestry' were made from \
        \(other.path == own.path ? "an earlier file of that name" : "'\(other.path)'"). Use that file \
        (\(.useState)); or, if it is lost, adopt what exists with '\(.adopt())'.
        """)
  }

  static func stateMismatch(_ own: StateMark, unknown count: Int) -> TapestryError {
    TapestryError(
      .stateMismatch,
      saying: """
        State file '\(own.path)' is not this host's: the kernel has \(count) attachment\(count == 1 ? "" : "s") of \
        Tapestry, and the file has none of them. Use the file that does (\(.useState)); or, if it is lost, \
        adopt what exists with '\(.adopt())'.
        """)
  }

  static func stateMismatch(copy own: StateMark) -> TapestryError {
    TapestryError(
      .stateMismatch,
      saying: """
        State file '\(own.path)' is a copy of the one that was in use, or was restored from one: it may lack some \
        attachments. Use the other (\(.useState)); or, if it is lost, adopt what exists with '\(.adopt())'.
        """)
  }

  static func stateMismatch(otherNamespace own: StateMark) -> TapestryError {
    TapestryError(
      .stateMismatch,
      saying: """
        State file '\(own.path)' belongs to another network namespace and has networks there. Use a separate file for \
        each namespace (\(.useState)); or, if that namespace is gone, make what the file says here with \
        '\(.adopt())'.
        """)
  }
}
