import CLinux
public import Netlink

/// A table: a namespace for chains, sets and objects of one family.
public struct Table: Hashable, Sendable, Commentable {
  /// Identifies a table. Tables of different families may share a name.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    /// The address family.
    public var family: Family
    /// NFTA_TABLE_NAME.
    public var name: String

    /// The table of this name in a family.
    public init(_ family: Family, _ name: String) {
      self.family = family
      self.name = name
    }

    /// `inet tapestry`.
    public var description: String { "\(family) \(name)" }
  }

  /// The NFT_TABLE_F_ flags.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits of NFTA_TABLE_FLAGS.
    public var rawValue: UInt32

    /// Flags from NFTA_TABLE_FLAGS.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// NFT_TABLE_F_DORMANT: the base chains are not registered at their hooks.
    public static let dormant = Flags(rawValue: 1)
    /// NFT_TABLE_F_OWNER: only the socket that created the table may change it, and the table is deleted with the socket.
    public static let owner = Flags(rawValue: 2)
  }

  /// The family and the name.
  public var id: ID
  /// NFTA_TABLE_FLAGS.
  public var flags: Flags = []
  /// NFTA_TABLE_USERDATA. Type 0 is the comment. Types from 128 on are reserved for the owner.
  public var userData: UserData
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []

  /// A table of this family and name.
  public init(_ family: Family, _ name: String, comment: String? = nil) {
    id = ID(family, name)
    userData = UserData(comment: comment)
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

  /// Decodes the payload of NFT_MSG_NEWTABLE: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    self.init(try payload.family(), "")
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_TABLE_NAME.attribute: id.name = value.string
      case NFTA_TABLE_FLAGS.attribute: flags = Flags(rawValue: try value.bigEndian())
      case NFTA_TABLE_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      // Set by the kernel: the number of chains and sets that use the table, the handle, the port id of the owner.
      case NFTA_TABLE_USE.attribute, NFTA_TABLE_HANDLE.attribute, NFTA_TABLE_OWNER.attribute,
        NFTA_TABLE_PAD.attribute:
        break
      default: unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
  }
}

extension RawSpan {
  /// The size of `struct nfgenmsg` in bytes.
  static var familyHeaderBytes: Int { 4 }

  func family() throws(DecodingFailure) -> Family {
    let number: UInt8 = try integer()
    guard let family = Family(rawValue: number) else { throw DecodingFailure("address family \(number)") }
    return family
  }

  /// Decodes user data. User data of another program with another layout is kept as an unknown attribute.
  func userData(_ type: UInt16, orKeepIn unknown: inout [RawAttribute]) -> UserData? {
    if let userData = UserData(bytes: array) { return userData }
    unknown.append(RawAttribute(type: type, payload: array))
    return nil
  }
}
