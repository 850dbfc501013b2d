import CLinux
public import Netlink

/// A stateful object of a table, which rules and map elements use by name: for example a limit that several rules share,
/// or a limit for each key of a map.
public struct StatefulObject: Hashable, Sendable, Commentable {
  /// Identifies an object.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    /// The table of the object.
    public var table: Table.ID
    /// NFTA_OBJ_TYPE.
    public var type: ObjectType
    /// NFTA_OBJ_NAME.
    public var name: String

    /// The object of this type and name in a table.
    public init(_ table: Table.ID, _ type: ObjectType, _ name: String) {
      self.table = table
      self.type = type
      self.name = name
    }

    /// `inet tapestry web-1`.
    public var description: String { "\(table) \(name)" }
  }

  /// The type and the data. `other` is an object that this code does not decode, as it was read.
  public enum Kind: Hashable, Sendable {
    /// A rate limit.
    case limit(Limit)
    /// The payload of NFTA_OBJ_DATA.
    case other(ObjectType, data: [UInt8])

    /// NFTA_OBJ_TYPE.
    public var type: ObjectType {
      switch self {
      case .limit: .limit
      case .other(let type, _): type
      }
    }
  }

  /// The table of the object.
  public var table: Table.ID
  /// NFTA_OBJ_NAME.
  public var name: String
  /// The type and the data.
  public var kind: Kind
  /// NFTA_OBJ_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []
  /// Kernel attributes within NFTA_OBJ_DATA that this code does not know.
  public var unknownData: [RawAttribute] = []

  /// An object of a table.
  public init(_ table: Table.ID, _ name: String, _ kind: Kind, comment: String? = nil) {
    self.table = table
    self.name = name
    self.kind = kind
    userData = UserData(comment: comment)
  }

  /// The table, the type and the name.
  public var id: ID { ID(table, kind.type, name) }
}
