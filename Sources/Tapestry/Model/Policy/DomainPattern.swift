import NetTypes

/// Names whose resolved addresses a guest may reach: one name, `example.org`, or all names below one, `*.example.org`,
/// which does not include `example.org` itself.
public struct DomainPattern: Hashable, Sendable {
  /// The name, or the parent name of a wildcard: in lower case, without a trailing dot.
  public let name: String
  /// Whether the pattern matches the names below `name`, with any number of additional labels.
  public let isWildcard: Bool

  /// Whether this is a wildcard and `other` is below `name`, so that the pattern also matches every name below `other`.
  func covers(below other: String) -> Bool { isWildcard && other.hasSuffix(".\(name)") }
}

extension DomainPattern: CustomStringConvertible {
  /// The pattern: `example.org` or `*.example.org`.
  public var description: String { (isWildcard ? "*." : "") + name }

  /// The maximum length. A domain name may have 253 characters (RFC 1035, 2.3.4), but the name of an nf_tables set has to
  /// contain it.
  static let mostCharacters = 200

  /// Parses `example.org` or `*.example.org`, in any case, with or without a trailing dot.
  /// - Throws: `INVALID_POLICY`, with the reason.
  public init(parsing text: String) throws(TapestryError) {
    var name = text.lowercased()[...]
    let isWildcard = name.hasPrefix("*.")
    if isWildcard { name = name.dropFirst(2) }
    if name.hasSuffix(".") { name = name.dropLast() }
    if let problem = Self.problem(name) {
      throw TapestryError(
        .invalidPolicy,
        saying: "Invalid domain '\(text)': \(problem). Expected example.org, or *.example.org for the names below.")
    }
    self.init(name: String(name), isWildcard: isWildcard)
  }

  private static func problem(_ name: Substring) -> TapestryError.Message? {
    if name.isEmpty { return "it has no name" }
    // 'policy set' takes `none` for an empty list.
    if name == "none" { return "'none' is a reserved word" }
    if name.utf8.count > mostCharacters { return "it is longer than \(mostCharacters) characters" }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    for label in labels {
      if !(1...63).contains(label.utf8.count) { return "a label must have 1 to 63 characters" }
      if label.utf8.contains(where: { $0 >= 0x80 }) { return "write it in ASCII (xn--…, RFC 5890)" }
      guard !label.hasPrefix("-"), !label.hasSuffix("-"),
        label.utf8.allSatisfy({ ASCIIText.isAlphanumeric($0) || "-_".utf8.contains($0) })
      else { return "a label may only contain letters, digits, '_' and inner hyphens" }
    }
    // A top-level domain is not all-numeric (RFC 3696, 2).
    if labels.last?.allSatisfy({ "0"..."9" ~= $0 }) == true { return "use \(.set(.allow)) for an address" }
    return nil
  }
}

extension DomainPattern: Comparable {
  /// By name; at the same name the wildcard comes last.
  public static func < (one: Self, other: Self) -> Bool {
    (one.name, one.isWildcard ? 1 : 0) < (other.name, other.isWildcard ? 1 : 0)
  }
}
