/// Sets whose keys include bytes for which nft(8) has no name, such as those quoted in an ICMP error: `typeof iifname .
/// @th,192,32`. With only the types, nft could not read its own listing back. So the user data also holds the fields.
extension NamedSet {
  /// A set or a map with the fields of its keys.
  /// - Parameters:
  ///   - table: The table of the set.
  ///   - name: The name of the set.
  ///   - fields: The fields that are looked up, or fields of the same kind.
  ///   - value: For a map, the field that its values are stored in; nil for a set.
  public init(_ table: Table.ID, _ name: String, typeof fields: [Field], mapsTo value: Field? = nil) {
    self.init(table, name)
    keyTypes = fields.map(\.storedType)
    otherUserData[SetUserDataType.keyTypeof] = UserData.concatenation(fields.map(\.typeofUserData)).bytes
    guard let value else { return }
    data = .values([value.storedType])
    otherUserData[SetUserDataType.dataTypeof] = value.typeofUserData.bytes
  }
}

extension Field {
  /// nft treats bytes without a name as an integer.
  fileprivate var storedType: DataType { isNameless ? .integer(type.size) : type }

  private var isNameless: Bool { description.hasPrefix("@") }

  /// nft's user data for an expression: its kind (`enum expr_types` of nft) and its contents (`enum nftnl_udata_set_…`).
  /// Only the expressions that are used for sets here are supported.
  fileprivate var typeofUserData: UserData {
    switch source {
    case .meta(let key): .expression(9, UserData([.init(type: 0, value: Datum.hostBytes(key.rawValue))]))
    // The protocol, and the index of the field among its fields.
    case Field.etherSource.source: .expression(7, .numbers([17, 2]))
    case .payload(let base, let offset, let length, _):
      // Protocol 0 and field 0 mean none. The offset and the length are in bits. nft's bases start at 1, after the invalid one.
      .expression(7, .numbers([0, 0, base.rawValue + 1, offset * 8, length * 8]))
    case .ct, .fib, .route, .extensionHeader, .hasExtensionHeader: .expression(0, UserData())
    }
  }
}

extension UserData {
  /// EXPR_CONCAT, with numbered parts.
  static func concatenation(_ parts: [UserData]) -> UserData {
    expression(13, numbered(parts.map(\.bytes)))
  }

  fileprivate static func expression(_ kind: UInt32, _ contents: UserData) -> UserData {
    UserData([Entry(type: 0, value: Datum.hostBytes(kind)), Entry(type: 1, value: contents.bytes)])
  }

  fileprivate static func numbers(_ numbers: [UInt32]) -> UserData { numbered(numbers.map { Datum.hostBytes($0) }) }

  private static func numbered(_ values: [[UInt8]]) -> UserData {
    UserData(values.enumerated().map { Entry(type: UInt8(truncatingIfNeeded: $0), value: $1) })
  }
}
