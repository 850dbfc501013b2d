/// What the kernel's tables say of the state file that they were made from.
struct StateMark: Hashable, Sendable {
  /// `StateIdentity.id`.
  var id: String
  /// Where the file was. A long path is cut at its beginning.
  var path: String
}

extension StateMark {
  /// Why tables with this mark are another file's; nil where they are this one's, or do not say whose they are.
  func mismatch(with tables: StateMark?) -> TapestryError? {
    guard let tables, tables.id != id else { return nil }
    return .stateMismatch(self, tablesOf: tables)
  }
}

extension Observed {
  /// Why nothing of the host may be changed on behalf of a state file: its guests are another's, which would be cut off.
  ///
  /// Tables that do not say whose they are tell nothing; then TAPs do. None of ours is made without a lease that is written
  /// down before, so those of which a file knows none at all are another's.
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
      "State file '\(own.path)' is not this host's: the tables 'tapestry' were made from "
        + (other.path == own.path ? "an earlier file of that name" : "'\(other.path)'")
        + ". Use that file (--state, TAPESTRY_STATE); or, where it is lost, take over what is there with "
        + "'tapestry repair --adopt'.")
  }

  static func stateMismatch(_ own: StateMark, unknown count: Int) -> TapestryError {
    TapestryError(
      .stateMismatch,
      "State file '\(own.path)' is not this host's: the kernel has \(count) attachment\(count == 1 ? "" : "s") of "
        + "Tapestry's, and the file knows none of them. Use the file that does (--state, TAPESTRY_STATE); or, where it is "
        + "lost, take over what is there with 'tapestry repair --adopt'.")
  }

  static func stateMismatch(copy own: StateMark) -> TapestryError {
    TapestryError(
      .stateMismatch,
      "State file '\(own.path)' is a copy of the one that was in use, or was restored from one: it need not know all "
        + "attachments. Use the other (--state, TAPESTRY_STATE); or, where it is lost, take over what is there with "
        + "'tapestry repair --adopt'.")
  }

  static func stateMismatch(otherNamespace own: StateMark) -> TapestryError {
    TapestryError(
      .stateMismatch,
      "State file '\(own.path)' is of another network namespace, and has networks there. Use a file of its own for each "
        + "namespace (--state, TAPESTRY_STATE); or, where that namespace is gone, have what the file says made here with "
        + "'tapestry repair --adopt'.")
  }
}
