import CLinux
public import Netlink

/// A named set of keys, or a map from keys to values, verdicts or objects. Rules look up packets in it. Its elements can
/// change without a change of the rules.
public struct NamedSet: Hashable, Sendable {
  /// Identifies a set or a map.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    /// The table of the set.
    public var table: Table.ID
    /// NFTA_SET_NAME.
    public var name: String

    /// The set of this name in a table.
    public init(_ table: Table.ID, _ name: String) {
      self.table = table
      self.name = name
    }

    /// `inet tapestry bridges`.
    public var description: String { "\(table) \(name)" }
  }

  /// The type of a map's data.
  public enum MapData: Hashable, Sendable {
    /// A value, or a concatenation of values.
    case values([DataType])
    /// A verdict.
    case verdict
    /// The name of an object of this type. A rule applies the object that the map has for a packet.
    case objects(ObjectType)
  }

  /// The NFT_SET_ flags, except those that other properties of the set imply.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits of NFTA_SET_FLAGS.
    public var rawValue: UInt32

    /// Flags from NFTA_SET_FLAGS.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// NFT_SET_CONSTANT: elements cannot change once a rule uses the set.
    public static let constant = Flags(rawValue: 0x2)
    /// NFT_SET_INTERVAL: elements are ranges, from `key` to `keyEnd`.
    public static let interval = Flags(rawValue: 0x4)
    /// NFT_SET_TIMEOUT: elements may have a timeout.
    public static let timeout = Flags(rawValue: 0x10)
    /// NFT_SET_EVAL: rules may add elements.
    public static let dynamic = Flags(rawValue: 0x20)
  }

  /// The table and the name.
  public var id: ID
  /// NFTA_SET_KEY_TYPE: one type, or up to five for a concatenation.
  public var keyTypes: [DataType]
  /// The type of a map's data; nil for a set.
  public var data: MapData?
  /// NFTA_SET_FLAGS.
  public var flags: Flags
  /// NFTA_SET_TIMEOUT: the default lifetime of elements, in milliseconds; nil for none.
  public var timeout: UInt64?
  /// NFTA_SET_DESC_SIZE: the maximum number of elements; nil for no limit, except that it is `dynamicSize` if rules add
  /// elements. The kernel allocates this many hash buckets in advance (nft_rhash_init, nft_hash_init): a megabyte for 65,535.
  public var size: UInt32?
  /// The comment in `nft list`: NFTNL_UDATA_SET_COMMENT.
  public var comment: String?
  /// NFTA_SET_COUNT, Linux 6.16: the number of elements; nil if the kernel does not report it.
  public internal(set) var count: UInt32?
  /// Entries of the user data that other properties do not imply, such as those of `typeof` in nft(8).
  public var otherUserData = UserData()
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []

  /// The maximum number of elements that rules may add to a set without a size: nft_dynset_init in net/netfilter/nft_dynset.c.
  static let dynamicSize: UInt32 = 65_535

  /// A set, or, with `mapsTo`, a map. The timeout is in milliseconds.
  public init(
    _ table: Table.ID, _ name: String, _ keyTypes: DataType..., mapsTo data: MapData? = nil, flags: Flags = [],
    timeout: UInt64? = nil, size: UInt32? = nil, comment: String? = nil
  ) {
    id = ID(table, name)
    self.keyTypes = keyTypes
    self.data = data
    self.flags = flags
    self.timeout = timeout
    self.size = size
    self.comment = comment
  }

  /// Whether each range is stored as two elements, the second of which marks its end: so in sets with a single key type.
  var storesIntervalEnds: Bool { flags.contains(.interval) && keyTypes.count == 1 }
}

/// A set or map that rules can look up.
public protocol SetDeclaration: Sendable {
  /// The set as the kernel knows it.
  var named: NamedSet { get }
}

extension SetDeclaration {
  /// The table and the name.
  public var id: NamedSet.ID { named.id }
}

extension NamedSet: SetDeclaration {
  /// The set itself.
  public var named: NamedSet { self }
}

// MARK: - Messages

extension NamedSet {
  /// - Parameter number: NFTA_SET_ID: identifies the set within the transaction.
  func encode(into buffer: inout MessageBuffer, number: UInt32) {
    buffer.put(NFTA_SET_TABLE, NFTA_SET_NAME, id.table, id.name)
    buffer.put(NFTA_SET_FLAGS, kernelFlags)
    buffer.put(NFTA_SET_KEY_TYPE, keyTypes.composedNumber)
    buffer.put(NFTA_SET_KEY_LEN, UInt32(keyTypes.valueSize))
    switch data {
    case .values(let types)?:
      buffer.put(NFTA_SET_DATA_TYPE, types.composedNumber)
      buffer.put(NFTA_SET_DATA_LEN, UInt32(types.valueSize))
    case .verdict?:
      buffer.put(NFTA_SET_DATA_TYPE, Self.verdictDataType)
      buffer.put(NFTA_SET_DATA_LEN, 0)
    case .objects(let type)?: buffer.put(NFTA_SET_OBJ_TYPE, type.rawValue)
    case nil: break
    }
    buffer.put(NFTA_SET_ID, number)
    if size != nil || isConcatenatedInterval {
      buffer.nest(NFTA_SET_DESC) { encodeDescription(into: &$0) }
    }
    if let timeout { buffer.put(NFTA_SET_TIMEOUT, long: timeout) }
    buffer.put(NFTA_SET_USERDATA, bytes: userData.bytes)
    buffer.put(unknown)
  }

  private func encodeDescription(into buffer: inout MessageBuffer) {
    if let size { buffer.put(NFTA_SET_DESC_SIZE, size) }
    guard isConcatenatedInterval else { return }
    buffer.nest(NFTA_SET_DESC_CONCAT) {
      for type in keyTypes {
        $0.nest(NFTA_LIST_ELEM) { $0.put(NFTA_SET_FIELD_LEN, UInt32(type.size)) }
      }
    }
  }

  private var isConcatenatedInterval: Bool { flags.contains(.interval) && keyTypes.count > 1 }

  // NFTA_SET_TYPE and NFTA_SET_COUNT of Linux 6.16. The kernel sends both and accepts neither.
  private static let structureAttribute: UInt16 = 19
  private static let countAttribute: UInt16 = 20

  /// NFT_DATA_VERDICT.
  private static let verdictDataType: UInt32 = 0xffff_ff00
  private static let mapFlag: UInt32 = 0x8
  private static let concatenationFlag: UInt32 = 0x80
  /// NFT_SET_OBJECT.
  private static let objectFlag: UInt32 = 0x40
  private static let derivedFlags = Flags(rawValue: mapFlag | concatenationFlag | objectFlag)

  private var kernelFlags: UInt32 {
    var flags = flags.rawValue
    switch data {
    case .values?, .verdict?: flags |= Self.mapFlag
    case .objects?: flags |= Self.objectFlag
    case nil: break
    }
    if isConcatenatedInterval { flags |= Self.concatenationFlag }
    return flags
  }

  /// Decodes the payload of NFT_MSG_NEWSET: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    self.init(Table.ID(try payload.family(), ""), "")
    var keyType: UInt32 = 0
    var keySize: UInt32 = 0
    var dataType: UInt32?
    var dataSize: UInt32 = 0
    var objectType: UInt32?
    var userData = UserData()
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_SET_TABLE.attribute: id.table.name = value.string
      case NFTA_SET_NAME.attribute: id.name = value.string
      case NFTA_SET_FLAGS.attribute: flags = Flags(rawValue: try value.bigEndian())
      case NFTA_SET_KEY_TYPE.attribute: keyType = try value.bigEndian()
      case NFTA_SET_KEY_LEN.attribute: keySize = try value.bigEndian()
      case NFTA_SET_DATA_TYPE.attribute: dataType = try value.bigEndian()
      case NFTA_SET_DATA_LEN.attribute: dataSize = try value.bigEndian()
      case NFTA_SET_OBJ_TYPE.attribute: objectType = try value.bigEndian()
      case NFTA_SET_TIMEOUT.attribute: timeout = try value.bigEndian()
      case NFTA_SET_DESC.attribute:
        try value.forEachAttribute { type, value throws(DecodingFailure) in
          // NFTA_SET_DESC_CONCAT follows from the key types.
          if type == NFTA_SET_DESC_SIZE.attribute { size = try value.bigEndian() }
        }
      case NFTA_SET_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      case NFTA_SET_HANDLE.attribute, NFTA_SET_ID.attribute, NFTA_SET_PAD.attribute: break
      case Self.countAttribute: count = try value.bigEndian()
      // The data structure that the kernel has chosen.
      case Self.structureAttribute: break
      default: unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
    flags.subtract(Self.derivedFlags)
    keyTypes = [DataType](composed: keyType, size: Int(keySize))
    data = dataType.map {
      $0 == Self.verdictDataType ? .verdict : .values([DataType](composed: $0, size: Int(dataSize)))
    }
    if let objectType { data = .objects(ObjectType(rawValue: objectType)) }
    takeUserData(userData)
  }
}
