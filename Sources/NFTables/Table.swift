import CLinux
public import Netlink

/// A table: a name that holds chains and sets of one family.
public struct Table: Hashable, Sendable {
  /// What tells tables apart. Tables of two families may share a name.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    public var family: Family
    public var name: String

    public init(_ family: Family, _ name: String) {
      self.family = family
      self.name = name
    }

    /// `inet tapestry`.
    public var description: String { "\(family) \(name)" }
  }

  /// NFT_TABLE_F_ flags.
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Its base chains are not hooked up.
    public static let dormant = Flags(rawValue: 1)
    /// Goes with the socket that made it, and only that may change it.
    public static let owner = Flags(rawValue: 2)
    /// Stays when its owner goes.
    public static let persist = Flags(rawValue: 4)
  }

  public var id: ID
  public var flags: Flags
  /// NFTA_TABLE_USERDATA. Type 0 is the comment; the types from 128 on are free for the owner's use.
  public var userData: UserData
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute] = []

  public init(_ family: Family, _ name: String, flags: Flags = [], comment: String? = nil, userData: UserData = .init())
  {
    id = ID(family, name)
    self.flags = flags
    self.userData = userData
    if let comment { self.comment = comment }
  }

  /// What `nft list` shows as the table's comment: NFTNL_UDATA_TABLE_COMMENT.
  public var comment: String? {
    get { userData.text(0) }
    set { userData.setText(0, newValue) }
  }
}

// MARK: - Messages

extension Table {
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_TABLE_NAME, id.name)
    buffer.put(NFTA_TABLE_FLAGS, flags.rawValue)
    if !userData.entries.isEmpty { buffer.put(NFTA_TABLE_USERDATA, bytes: userData.bytes) }
    buffer.put(unknown)
  }

  /// The payload of NFT_MSG_NEWTABLE: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    self.init(try payload.family(), "")
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_TABLE_NAME.attribute: id.name = value.string
      case NFTA_TABLE_FLAGS.attribute: flags = Flags(rawValue: try value.bigEndian())
      case NFTA_TABLE_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      // What the kernel adds: how many chains and sets use it, its handle, the port of its owner.
      case NFTA_TABLE_USE.attribute, NFTA_TABLE_HANDLE.attribute, NFTA_TABLE_OWNER.attribute,
        NFTA_TABLE_PAD.attribute:
        break
      default: unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
  }
}

extension RawSpan {
  /// `struct nfgenmsg`.
  static var familyHeaderBytes: Int { 4 }

  func family() throws(DecodingFailure) -> Family {
    let number: UInt8 = try integer()
    guard let family = Family(rawValue: number) else { throw DecodingFailure("address family \(number)") }
    return family
  }

  /// User data; that of another program, in another layout, is kept as it is.
  func userData(_ type: UInt16, orKeepIn unknown: inout [RawAttribute]) -> UserData? {
    if let userData = UserData(bytes: array) { return userData }
    unknown.append(RawAttribute(type: type, payload: array))
    return nil
  }
}
