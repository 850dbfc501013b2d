public import Netlink

/// A set element: a key or a range of keys. In a map, it also has data.
public struct Element: Hashable, Sendable, Commentable {
  /// The data that a map has for a key.
  public enum Data: Hashable, Sendable {
    /// A value, or the parts of a concatenation.
    case values([Datum])
    /// A verdict.
    case verdict(Verdict)
    /// The name of an object of the map's table.
    case object(String)
  }

  /// One value for each of the set's key types. Empty for the catch-all element, `*`, which stands for all other keys.
  public var key: [Datum]
  /// The last key of a range, in a set with the flag `interval`; nil for a single key.
  public var keyEnd: [Datum]?
  /// The data, in a map.
  public var data: Data?
  /// The lifetime in milliseconds, in a set with timeouts; nil for the set's default.
  public var timeout: UInt64?
  /// The remaining lifetime in milliseconds; only set when read.
  public var expiration: UInt64?
  /// NFTA_SET_ELEM_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []

  /// An element with one value for each of the set's key types. The timeout is in milliseconds.
  public init(
    _ key: Datum..., through keyEnd: [Datum]? = nil, data: Data? = nil, timeout: UInt64? = nil, comment: String? = nil
  ) {
    self.init(key: key, through: keyEnd, data: data, timeout: timeout, comment: comment)
  }

  /// An element with one value for each of the set's key types. The timeout is in milliseconds.
  public init(
    key: [Datum], through keyEnd: [Datum]? = nil, data: Data? = nil, timeout: UInt64? = nil, comment: String? = nil
  ) {
    self.key = key
    self.keyEnd = keyEnd == key ? nil : keyEnd
    self.data = data
    self.timeout = timeout
    userData = UserData(comment: comment)
  }
}

extension Element: CustomStringConvertible {
  /// The element as nft(8) writes it: `"tap0" . 02:00:00:00:00:01`.
  public var description: String {
    var text = key.isEmpty ? "*" : keyEnd.map { Self.rangeText(key, $0) } ?? key.text
    if let timeout { text += " timeout \(timeout)ms" }
    if let comment { text += " comment \"\(comment)\"" }
    switch data {
    case .values(let values)?: text += " : \(values.text)"
    case .verdict(let verdict)?: text += " : \(verdict)"
    case .object(let name)?: text += " : \"\(name)\""
    case nil: break
    }
    return text
  }

  private static func rangeText(_ first: [Datum], _ last: [Datum]) -> String {
    zip(first, last).map { $0 == $1 ? "\($0)" : "\($0)-\($1)" }.joined(separator: " . ")
  }
}
