/// Bytes that nf_tables stores with an object for user space, in the layout of libnftnl: entries of one byte of type, one
/// byte of length, and the value. nft(8) stores comments in them.
///
/// The kernel accepts at most 256 bytes (NFT_USERDATA_MAXLEN).
public struct UserData: Hashable, Sendable {
  /// An entry.
  public struct Entry: Hashable, Sendable {
    /// The type; its meaning depends on the kind of object.
    public var type: UInt8
    /// The value, at most 255 bytes.
    public var value: [UInt8]
  }

  /// The entries in order.
  public var entries: [Entry]

  /// User data of these entries.
  public init(_ entries: [Entry] = []) { self.entries = entries }

  init(comment: String?) {
    self.init()
    if let comment { setText(0, comment) }
  }

  /// The first value of a type. Setting it replaces that value, or appends an entry; nil removes all entries of the type.
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

  /// The longest comment that nft(8) accepts, in bytes: NFTNL_UDATA_COMMENT_MAXLEN minus the terminating NUL.
  public static let longestComment = 127

  /// A NUL-terminated string.
  func text(_ type: UInt8) -> String? {
    self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  mutating func setText(_ type: UInt8, _ text: String?) {
    self[type] = text.map { Array($0.utf8.prefix(Int(UInt8.max) - 1)) + [0] }
  }

  // MARK: Bytes

  /// The encoded entries. Values are cut to 255 bytes.
  public var bytes: [UInt8] {
    entries.flatMap { entry in
      let value = entry.value.prefix(Int(UInt8.max))
      return [entry.type, UInt8(value.count)] + value
    }
  }

  /// Decodes entries. Returns nil if the bytes have another layout, such as that of another program.
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

/// What nft(8) can give a comment: NFTNL_UDATA_TABLE_COMMENT, NFTNL_UDATA_CHAIN_COMMENT and so on, all of type 0.
public protocol Commentable {
  /// The user data that has the comment.
  var userData: UserData { get set }
}

extension Commentable {
  /// The comment in `nft list`.
  public var comment: String? {
    get { userData.text(0) }
    set { userData.setText(0, newValue) }
  }
}
