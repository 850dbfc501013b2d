public import Netlink

/// An element of a set: a key, or a range of keys; of a map, with its value.
public struct Element: Hashable, Sendable {
  /// What a map gives for the key.
  public enum Data: Hashable, Sendable {
    case values([Datum])
    case verdict(Verdict)
    /// The name of an object in the map's table.
    case object(String)
  }

  /// One value for each of the set's key types. None at all makes the element that stands for all other keys, `*`.
  public var key: [Datum]
  /// In a set of intervals, the last key of the range; nil for the key alone.
  public var keyEnd: [Datum]?
  public var data: Data?
  /// In a set with timeouts: how long it lives, in milliseconds, where that is not the set's default.
  public var timeout: UInt64?
  /// When read: how long it still lives, in milliseconds.
  public var expiration: UInt64?
  /// NFTA_SET_ELEM_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute] = []

  public init(
    _ key: Datum..., through keyEnd: [Datum]? = nil, data: Data? = nil, timeout: UInt64? = nil, comment: String? = nil
  ) {
    self.init(key: key, through: keyEnd, data: data, timeout: timeout, comment: comment)
  }

  public init(
    key: [Datum], through keyEnd: [Datum]? = nil, data: Data? = nil, timeout: UInt64? = nil, comment: String? = nil
  ) {
    self.key = key
    self.keyEnd = keyEnd == key ? nil : keyEnd
    self.data = data
    self.timeout = timeout
    userData = UserData()
    if let comment { self.comment = comment }
  }

  /// What `nft list` shows as the element's comment: NFTNL_UDATA_SET_ELEM_COMMENT.
  public var comment: String? {
    get { userData.text(0) }
    set { userData.setText(0, newValue) }
  }
}

extension Element: CustomStringConvertible {
  /// As nft(8) writes it: `"tap0" . 02:00:00:00:00:01`.
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
