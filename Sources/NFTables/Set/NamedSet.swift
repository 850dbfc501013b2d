import CLinux
public import Netlink

/// A set of keys, or a map from keys to values, verdicts or objects. Rules look packets up in it; its elements come and go
/// without the rules being touched.
public struct NamedSet: Hashable, Sendable {
  /// What tells sets apart.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    public var table: Table.ID
    public var name: String

    public init(_ table: Table.ID, _ name: String) {
      self.table = table
      self.name = name
    }

    /// `inet tapestry bridges`.
    public var description: String { "\(table) \(name)" }
  }

  /// What a map gives for a key.
  public enum MapData: Hashable, Sendable {
    /// A value, or a concatenation of several.
    case values([DataType])
    case verdict
    /// The name of an object of this type. A rule uses the object that the map has for a packet.
    case objects(ObjectType)
  }

  /// NFT_SET_ flags, without those that follow from the set's other properties.
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Has no name of its own; goes with the rule that uses it.
    public static let anonymous = Flags(rawValue: 0x1)
    /// Elements cannot be changed once a rule uses it.
    public static let constant = Flags(rawValue: 0x2)
    /// Elements are ranges: each goes from its `key` to its `keyEnd`.
    public static let interval = Flags(rawValue: 0x4)
    /// Elements may have a timeout.
    public static let timeout = Flags(rawValue: 0x10)
    /// Rules may add elements.
    public static let dynamic = Flags(rawValue: 0x20)
  }

  public var id: ID
  /// One type, or several for a concatenation: at most five.
  public var keyTypes: [DataType]
  /// nil for a set that is no map.
  public var data: MapData?
  public var flags: Flags
  /// How long an element lives that does not say otherwise, in milliseconds.
  public var timeout: UInt64?
  /// The most elements it may have; nil for any number, but `dynamicSize` where rules add to it. The kernel makes room for
  /// so many hashes beforehand (nft_rhash_init, nft_hash_init): a megabyte for 65,535.
  public var size: UInt32?
  public var comment: String?
  /// How many elements it has: NFTA_SET_COUNT, since Linux 6.16. nil where the kernel does not tell.
  public internal(set) var count: UInt32?
  /// nft(8) merges ranges that touch when it adds to this set.
  public var mergesIntervals = false
  /// Entries of the user data that do not follow from the properties above, such as those of nft's `typeof`.
  public var otherUserData = UserData()
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute] = []

  /// How many elements the kernel lets rules add where nothing is said: nft_dynset_init in net/netfilter/nft_dynset.c.
  static let dynamicSize: UInt32 = 65_535

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

  /// Whether ranges are stored as two elements, the second the end: those of sets whose key is one value.
  var storesIntervalEnds: Bool { flags.contains(.interval) && keyTypes.count == 1 }
}

// MARK: - Messages

extension NamedSet {
  /// - Parameter number: Tells the sets of one transaction apart: NFTA_SET_ID.
  func encode(into buffer: inout MessageBuffer, number: UInt32) {
    buffer.put(NFTA_SET_TABLE, id.table.name)
    buffer.put(NFTA_SET_NAME, id.name)
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

  // NFTA_SET_TYPE and NFTA_SET_COUNT of Linux 6.16, which takes neither from anybody.
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

  /// The payload of NFT_MSG_NEWSET: `struct nfgenmsg`, then attributes.
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
          // NFTA_SET_DESC_CONCAT follows from the key's types.
          if type == NFTA_SET_DESC_SIZE.attribute { size = try value.bigEndian() }
        }
      case NFTA_SET_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      case NFTA_SET_HANDLE.attribute, NFTA_SET_ID.attribute, NFTA_SET_PAD.attribute: break
      case Self.countAttribute: count = try value.bigEndian()
      // The kernel's choice of a data structure.
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
