/// Sets whose keys hold bytes that nft(8) has no name for, such as what an ICMP error quotes: `typeof iifname . @th,192,32`.
/// By their types alone nft could not read its own listing back; so it notes the fields.
extension NamedSet {
  /// - Parameters:
  ///   - fields: what is looked up, or is like that.
  ///   - value: for a map, what its values are put into.
  public init(_ table: Table.ID, _ name: String, typeof fields: [Field], mapsTo value: Field? = nil) {
    self.init(table, name)
    keyTypes = fields.map(\.storedType)
    otherUserData[SetNote.keyTypeof.rawValue] = UserData.concatenation(fields.map(\.note)).bytes
    guard let value else { return }
    data = .values([value.storedType])
    otherUserData[SetNote.dataTypeof.rawValue] = value.note.bytes
  }
}

extension Field {
  /// nft knows bytes that have no name as a number.
  fileprivate var storedType: DataType { isNameless ? .integer(type.size) : type }

  private var isNameless: Bool { description.hasPrefix("@") }

  /// What nft notes of an expression, those of which our sets are made: its kind (`enum expr_types` of nft), and what it is made of (`enum
  /// nftnl_udata_set_…`).
  fileprivate var note: UserData {
    switch source {
    case .meta(let key): .expression(9, UserData([.init(type: 0, value: Datum.hostBytes(key.rawValue))]))
    // By its protocol and its place among that one's fields.
    case Field.etherSource.source: .expression(7, .numbers([17, 2]))
    case .payload(let base, let offset, let length, _):
      // No protocol, no field of one; the place and the length are in bits, and the bases begin with one that is none.
      .expression(7, .numbers([0, 0, base.rawValue + 1, offset * 8, length * 8]))
    case .ct, .fib, .route, .extensionHeader, .hasExtensionHeader: .expression(0, UserData())
    }
  }
}

extension UserData {
  /// EXPR_CONCAT, of parts that are numbered.
  static func concatenation(_ parts: [UserData]) -> UserData {
    expression(13, UserData(parts.enumerated().map { .init(type: UInt8(truncatingIfNeeded: $0), value: $1.bytes) }))
  }

  fileprivate static func expression(_ kind: UInt32, _ contents: UserData) -> UserData {
    UserData([Entry(type: 0, value: Datum.hostBytes(kind)), Entry(type: 1, value: contents.bytes)])
  }

  fileprivate static func numbers(_ numbers: [UInt32]) -> UserData {
    UserData(
      numbers.enumerated().map { Entry(type: UInt8(truncatingIfNeeded: $0), value: Datum.hostBytes($1)) })
  }
}
