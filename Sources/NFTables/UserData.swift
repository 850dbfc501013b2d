/// Bytes that nf_tables keeps with an object for its owner, as libnftnl lays them out: entries of one byte of type, one
/// of length, and the value. nft(8) keeps comments there.
///
/// The kernel takes at most 256 bytes (NFT_USERDATA_MAXLEN).
public struct UserData: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var type: UInt8
    public var value: [UInt8]

    public init(type: UInt8, value: [UInt8]) {
      self.type = type
      self.value = value
    }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// The first value of a type. Setting puts it in the place of the old one, or last; nil takes all
  /// of the type out.
  public subscript(type: UInt8) -> [UInt8]? {
    get { entries.first { $0.type == type }?.value }
    set {
      let place = entries.firstIndex { $0.type == type }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (_?, nil): entries.removeAll { $0.type == type }
      case (nil, let value?): entries.append(Entry(type: type, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The longest comment nft(8) takes, in bytes: NFTNL_UDATA_COMMENT_MAXLEN less the terminating zero.
  public static let longestComment = 127

  /// A string that ends in a zero byte.
  func text(_ type: UInt8) -> String? {
    self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  mutating func setText(_ type: UInt8, _ text: String?) {
    self[type] = text.map { Array($0.utf8.prefix(Int(UInt8.max) - 1)) + [0] }
  }

  // MARK: Bytes

  public var bytes: [UInt8] {
    entries.flatMap { entry in
      let value = entry.value.prefix(Int(UInt8.max))
      return [entry.type, UInt8(value.count)] + value
    }
  }

  /// Reads entries for as long as they make sense; bytes in another layout, those of another program, give nil.
  public init?(bytes: [UInt8]) {
    var entries: [Entry] = []
    var rest = bytes[...]
    while let type = rest.popFirst() {
      guard let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
      entries.append(Entry(type: type, value: Array(rest.prefix(Int(length)))))
      rest = rest.dropFirst(Int(length))
    }
    self.entries = entries
  }
}
