/// One `struct ipt_entry` or `struct ip6t_entry`: addresses and interfaces, matches, a target. A user-defined chain begins
/// with an entry whose target `ERROR` holds the chain's name. The last entry of every chain is its policy.
struct XtablesEntry: Hashable, Sendable {
  /// Identifies the entry, wherever it moves in the table: its index in the table that was read, or, for a new entry, a
  /// number above those.
  let id: Int
  /// The entry as it was read. If it jumps, `jump` replaces the offset in these bytes.
  private(set) var bytes: [UInt8]
  /// The offset of the target, in bytes.
  let targetOffset: Int
  /// The id of the entry that it jumps to; nil if it does not jump.
  var jump: Int?

  let layout: XtablesLayout

  /// Offsets into a match or a target.
  enum PartOffset {
    static let size = 0
    static let name = 2
    static let nameEnd = 31
    static let data = 32
  }

  /// The name of a target that is no extension: a verdict, or a jump to a chain.
  private static let standardTarget = ""
  private static let errorTarget = "ERROR"
}

extension XtablesEntry {
  /// - Throws: `XtablesDecodingFailure` unless the matches and the target lie within the bytes.
  init(id: Int, bytes: [UInt8], _ layout: XtablesLayout) throws(XtablesDecodingFailure) {
    let targetOffset = Int(try bytes.integer(at: layout.target, as: UInt16.self))
    guard targetOffset >= layout.matches, targetOffset + PartOffset.data + 4 <= bytes.count else {
      throw XtablesDecodingFailure("a target at offset \(targetOffset) of \(bytes.count) bytes")
    }
    var place = layout.matches
    while place < targetOffset {
      let size = Int(try bytes.integer(at: place, as: UInt16.self))
      guard size >= PartOffset.data, place + size <= targetOffset else {
        throw XtablesDecodingFailure("a match of \(size) bytes at offset \(place); the target is at \(targetOffset)")
      }
      place += size
    }
    self.init(id: id, bytes: bytes, targetOffset: targetOffset, layout: layout)
  }

  var targetName: String {
    bytes.string(in: (targetOffset + PartOffset.name)..<(targetOffset + PartOffset.nameEnd))
  }

  var isStandard: Bool { targetName == Self.standardTarget }

  /// The verdict of a standard target: negative for a verdict, otherwise the offset of the entry to jump to, in bytes.
  var verdict: Int32 {
    get throws(XtablesDecodingFailure) { try bytes.integer(at: targetOffset + PartOffset.data) }
  }

  mutating func setVerdict(_ verdict: Int32) { bytes.set(verdict, at: targetOffset + PartOffset.data) }

  /// The name of the chain that begins with this entry; `ERROR` for the end of the table; nil if no chain begins here.
  var chainName: String? {
    targetName == Self.errorTarget ? bytes.string(in: (targetOffset + PartOffset.data)..<bytes.count) : nil
  }

  /// The names and the data of the matches.
  var matches: [(name: String, data: [UInt8])] {
    var matches: [(String, [UInt8])] = []
    var place = layout.matches
    while place < targetOffset, let size = try? Int(bytes.integer(at: place, as: UInt16.self)) {
      let name = bytes.string(in: (place + PartOffset.name)..<(place + PartOffset.nameEnd))
      matches.append((name, Array(bytes[(place + PartOffset.data)..<(place + size)])))
      place += size
    }
    return matches
  }
}
