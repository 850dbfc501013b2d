/// The user data of a set, from which nft(8) knows how to print elements: `enum nftnl_udata_set_types` of libnftnl.
enum SetUserDataType: UInt8, CaseIterable {
  case keyByteOrder = 0
  case dataByteOrder = 1
  case mergesIntervals = 2
  case keyTypeof = 3
  case dataTypeof = 4
  case dataIsInterval = 6
  case comment = 7

  /// nft's user data for a concatenation of types: an expression of kind 13, EXPR_CONCAT, without parts.
  static let emptyConcatenation = UserData.concatenation([]).bytes
}

extension NamedSet {
  /// NFTA_SET_USERDATA, in the order of nft(8).
  var userData: UserData {
    var notes = UserData()
    notes.setInteger(.keyByteOrder, keyTypes.byteOrder.rawValue)
    if let order = data?.byteOrder { notes.setInteger(.dataByteOrder, order.rawValue) }
    if mergesIntervals { notes.setInteger(.mergesIntervals, 1) }
    if keyTypes.count > 1 { notes[SetUserDataType.keyTypeof.rawValue] = SetUserDataType.emptyConcatenation }
    if case .values(let types) = data, types.count > 1 {
      notes[SetUserDataType.dataTypeof.rawValue] = SetUserDataType.emptyConcatenation
    }
    if data != nil { notes.setInteger(.dataIsInterval, 0) }
    for entry in otherUserData.entries { notes[entry.type] = entry.value }
    if let comment { notes.setText(SetUserDataType.comment.rawValue, comment) }
    notes.entries.sort { $0.type < $1.type }
    return notes
  }

  /// Sets the properties from the user data. Entries that the types imply are left out. Of several entries of one type the
  /// first counts, and entries are sorted by type: nft writes them in this order.
  mutating func takeUserData(_ notes: UserData) {
    comment = notes.text(SetUserDataType.comment.rawValue)
    mergesIntervals = notes[SetUserDataType.mergesIntervals.rawValue].map { $0.contains { $0 != 0 } } ?? false
    let derived = userData
    let others = Dictionary(notes.entries.map { ($0.type, $0) }) { first, _ in first }.values.filter {
      $0.type != SetUserDataType.comment.rawValue && derived[$0.type] != $0.value
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

extension UserData {
  fileprivate mutating func setInteger(_ type: SetUserDataType, _ value: UInt32) {
    self[type.rawValue] = Datum.hostBytes(value)
  }
}
