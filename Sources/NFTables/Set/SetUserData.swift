/// The user data of a set, from which nft(8) knows how to print elements: `enum nftnl_udata_set_types` of libnftnl.
enum SetUserDataType {
  static let keyByteOrder: UInt8 = 0
  static let dataByteOrder: UInt8 = 1
  static let keyTypeof: UInt8 = 3
  static let dataTypeof: UInt8 = 4
  static let dataIsInterval: UInt8 = 6
  static let comment: UInt8 = 7

  /// nft's user data for a concatenation of types: an expression of kind 13, EXPR_CONCAT, without parts.
  static let emptyConcatenation = UserData.concatenation([]).bytes
}

extension NamedSet {
  /// NFTA_SET_USERDATA, in the order of nft(8).
  var userData: UserData {
    var notes = UserData()
    notes[SetUserDataType.keyByteOrder] = Datum.hostBytes(keyTypes.byteOrder.rawValue)
    if let order = data?.byteOrder { notes[SetUserDataType.dataByteOrder] = Datum.hostBytes(order.rawValue) }
    if keyTypes.count > 1 { notes[SetUserDataType.keyTypeof] = SetUserDataType.emptyConcatenation }
    if case .values(let types) = data, types.count > 1 {
      notes[SetUserDataType.dataTypeof] = SetUserDataType.emptyConcatenation
    }
    if data != nil { notes[SetUserDataType.dataIsInterval] = [0, 0, 0, 0] }
    for entry in otherUserData.entries { notes[entry.type] = entry.value }
    if let comment { notes.setText(SetUserDataType.comment, comment) }
    notes.entries.sort { $0.type < $1.type }
    return notes
  }

  /// Sets the properties from the user data. Entries that the types imply are left out. Of several entries of one type the
  /// first counts, and entries are sorted by type: nft writes them in this order.
  mutating func takeUserData(_ notes: UserData) {
    comment = notes.text(SetUserDataType.comment)
    let derived = userData
    let others = Dictionary(notes.entries.map { ($0.type, $0) }) { first, _ in first }.values.filter {
      $0.type != SetUserDataType.comment && derived[$0.type] != $0.value
    }
    otherUserData = UserData(others.sorted { $0.type < $1.type })
  }
}

extension NamedSet.MapData {
  /// nil for objects, for which nft writes no byte order.
  fileprivate var byteOrder: DataType.ByteOrder? {
    switch self {
    case .values(let types): types.byteOrder
    case .verdict: DataType.ByteOrder.none
    case .objects: nil
    }
  }
}
