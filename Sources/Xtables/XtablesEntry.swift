/// One `struct ipt_entry` or `struct ip6t_entry`: addresses and interfaces, matches, a target. The first of a user's chain
/// is a target `ERROR` that carries the chain's name; the last of every chain is its policy.
struct XtablesEntry: Hashable, Sendable {
  /// What the rest of the table refers to it by, wherever it moves: its place in the table that was read, or a number
  /// above all those.
  let id: Int
  /// As it was read. Where it jumps, the offset in it is of no account: `jump` holds.
  private(set) var bytes: [UInt8]
  /// Where its target is, in bytes.
  let targetOffset: Int
  /// The entry that it goes on at; nil where it does not.
  var jump: Int?

  let layout: XtablesLayout

  /// Offsets into a match or a target.
  enum PartOffset {
    static let size = 0
    static let name = 2
    static let nameEnd = 31
    static let data = 32
  }

  /// Whatever has no extension's name: a verdict, or a chain to go on in.
  private static let standardTarget = ""
  private static let errorTarget = "ERROR"

  /// - Throws: `XtablesDecodingFailure` unless matches and target lie within the bytes.
  init(id: Int, bytes: [UInt8], _ layout: XtablesLayout) throws(XtablesDecodingFailure) {
    self.id = id
    self.bytes = bytes
    self.layout = layout
    targetOffset = Int(try bytes.integer(at: layout.target, as: UInt16.self))
    guard targetOffset >= layout.matches, targetOffset + PartOffset.data + 4 <= bytes.count else {
      throw XtablesDecodingFailure("a target at \(targetOffset) of \(bytes.count) bytes")
    }
    var place = layout.matches
    while place < targetOffset {
      let size = Int(try bytes.integer(at: place, as: UInt16.self))
      guard size >= PartOffset.data, place + size <= targetOffset else {
        throw XtablesDecodingFailure("a match of \(size) bytes at \(place), where the target is at \(targetOffset)")
      }
      place += size
    }
  }

  /// One that is made rather than read.
  init(id: Int, bytes: [UInt8], targetOffset: Int, _ layout: XtablesLayout) {
    self.id = id
    self.bytes = bytes
    self.layout = layout
    self.targetOffset = targetOffset
  }

  var targetName: String {
    bytes.string(in: (targetOffset + PartOffset.name)..<(targetOffset + PartOffset.nameEnd))
  }

  var isStandard: Bool { targetName == Self.standardTarget }

  /// The number in a standard target: below zero a verdict, otherwise the offset to go on at.
  var verdict: Int32 {
    get throws(XtablesDecodingFailure) { try bytes.integer(at: targetOffset + PartOffset.data) }
  }

  mutating func setVerdict(_ verdict: Int32) { bytes.set(verdict, at: targetOffset + PartOffset.data) }

  /// The name of the chain that begins here, which for the end of the table is `ERROR`; nil where none does.
  var chainName: String? {
    targetName == Self.errorTarget ? bytes.string(in: (targetOffset + PartOffset.data)..<bytes.count) : nil
  }

  /// The matches' names, and what each says itself.
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
