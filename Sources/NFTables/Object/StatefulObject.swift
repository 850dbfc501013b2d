import CLinux
public import Netlink

/// Something of a table's that counts by itself, and that rules and elements of maps use by its name: a limit, say, that
/// several rules share, or one for each key of a map.
public struct StatefulObject: Hashable, Sendable {
  /// What tells objects apart.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    public var table: Table.ID
    public var type: ObjectType
    public var name: String

    public init(_ table: Table.ID, _ type: ObjectType, _ name: String) {
      self.table = table
      self.type = type
      self.name = name
    }

    /// `inet tapestry web-1`.
    public var description: String { "\(table) \(name)" }
  }

  /// What it does. `Kind.other` is an object that this code does not know, as it was read.
  public enum Kind: Hashable, Sendable {
    case limit(Limit)
    case other(ObjectType, data: [UInt8])

    public var type: ObjectType {
      switch self {
      case .limit: .limit
      case .other(let type, _): type
      }
    }
  }

  public var table: Table.ID
  public var name: String
  public var kind: Kind
  /// NFTA_OBJ_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute] = []
  /// Of these, the ones within NFTA_OBJ_DATA.
  public var unknownData: [RawAttribute] = []

  public init(_ table: Table.ID, _ name: String, _ kind: Kind, comment: String? = nil) {
    self.table = table
    self.name = name
    self.kind = kind
    userData = UserData()
    if let comment { self.comment = comment }
  }

  public var id: ID { ID(table, kind.type, name) }

  /// What `nft list` shows as the object's comment: NFTNL_UDATA_OBJ_COMMENT.
  public var comment: String? {
    get { userData.text(0) }
    set { userData.setText(0, newValue) }
  }
}
