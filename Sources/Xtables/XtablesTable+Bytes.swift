import CLinux
import NetTypes

/// The table as the kernel returns it (`struct ipt_getinfo`, `struct ipt_get_entries`) and accepts it
/// (`struct ipt_replace`). The structs of IPv6 are the same. `CLinux` checks the offsets against the kernel's headers.
extension XtablesTable {
  enum InfoOffset {
    static let hooks = 32
    static let starts = 36
    static let policies = 56
    static let count = 76
    static let size = 80
    static let end = 84
  }

  enum EntriesOffset {
    static let size = 32
    static let entries = 40
  }

  enum ReplaceOffset {
    static let hooks = 32
    static let count = 36
    static let size = 40
    static let starts = 44
    static let policies = 64
    static let counterCount = 84
    static let entries = 96
  }

  /// XT_TABLE_MAXNAMELEN.
  static let nameBytes = 32

  /// - Parameters:
  ///   - info: `struct ipt_getinfo`.
  ///   - bytes: The entries, without the header of `struct ipt_get_entries`.
  init(family: IPFamily, info: [UInt8], entries bytes: [UInt8]) throws(XtablesDecodingFailure) {
    let layout = XtablesLayout.of(family)
    var entries: [XtablesEntry] = []
    var places: [Int: Int] = [:]
    var offset = 0
    while offset < bytes.count {
      let length = Int(try bytes.integer(at: offset + layout.next, as: UInt16.self))
      guard length >= layout.matches, offset + length <= bytes.count else {
        throw XtablesDecodingFailure("an entry of \(length) bytes, but only \(bytes.count - offset) bytes are left")
      }
      places[offset] = entries.count
      entries.append(try XtablesEntry(id: entries.count, bytes: Array(bytes[offset..<(offset + length)]), layout))
      offset += length
    }
    for place in entries.indices where entries[place].isStandard {
      let verdict = try entries[place].verdict
      guard verdict >= 0 else { continue }
      guard let target = places[Int(verdict)] else { throw XtablesDecodingFailure("a jump to offset \(verdict)") }
      entries[place].jump = target
    }
    let hooks: UInt32 = try info.integer(at: InfoOffset.hooks)
    let count: UInt32 = try info.integer(at: InfoOffset.count)
    guard count == entries.count, entries.last?.chainName != nil else {
      throw XtablesDecodingFailure("\(entries.count) entries instead of \(count), or no end of the table")
    }
    func anchors(_ start: Int) throws(XtablesDecodingFailure) -> [Anchor] {
      var anchors: [Anchor] = []
      for hook in Self.hookChains.indices {
        let offset: UInt32 = try info.integer(at: start + 4 * hook)
        guard hooks & 1 << hook != 0 else {
          anchors.append(.none(offset))
          continue
        }
        guard let place = places[Int(offset)] else { throw XtablesDecodingFailure("a chain at offset \(offset)") }
        anchors.append(.entry(place))
      }
      return anchors
    }
    self.init(
      name: info.string(in: 0..<Self.nameBytes), family: family, hooks: hooks, entries: entries,
      starts: try anchors(InfoOffset.starts), policies: try anchors(InfoOffset.policies), originalCount: entries.count,
      nextID: entries.count)
  }

  /// `struct ipt_replace`, with a NULL pointer to the counters.
  var replacement: [UInt8] {
    var offsets: [Int: Int] = [:]
    var size = 0
    for entry in entries {
      offsets[entry.id] = size
      size += entry.bytes.count
    }
    func offset(_ anchor: Anchor) -> UInt32 {
      switch anchor {
      case .entry(let id): UInt32(offsets[id] ?? 0)
      case .none(let offset): offset
      }
    }
    var bytes = [UInt8](zeroes: ReplaceOffset.entries)
    bytes.set(Array(name.utf8.prefix(Self.nameBytes - 1)), at: 0)
    bytes.set(hooks, at: ReplaceOffset.hooks)
    bytes.set(UInt32(entries.count), at: ReplaceOffset.count)
    bytes.set(UInt32(size), at: ReplaceOffset.size)
    for hook in Self.hookChains.indices {
      bytes.set(offset(starts[hook]), at: ReplaceOffset.starts + 4 * hook)
      bytes.set(offset(policies[hook]), at: ReplaceOffset.policies + 4 * hook)
    }
    bytes.set(UInt32(originalCount), at: ReplaceOffset.counterCount)
    for var entry in entries {
      if let jump = entry.jump { entry.setVerdict(Int32(offsets[jump] ?? 0)) }
      bytes += entry.bytes
    }
    return bytes
  }

  /// `struct xt_counters`.
  static let counterBytes = 16
  private static let countersOffset = 40

  /// `struct xt_counters_info` that gives each entry its counters back. Those of new entries are zero.
  /// - Parameter counters: The counters of the old table, as of its replacement.
  func countersInfo(_ counters: [UInt8]) -> [UInt8] {
    var bytes = [UInt8](zeroes: Self.countersOffset)
    bytes.set(Array(name.utf8.prefix(Self.nameBytes - 1)), at: 0)
    bytes.set(UInt32(entries.count), at: Self.nameBytes)
    for entry in entries {
      let start = entry.id * Self.counterBytes
      bytes +=
        entry.id < originalCount && start + Self.counterBytes <= counters.count
        ? Array(counters[start..<(start + Self.counterBytes)]) : [UInt8](zeroes: Self.counterBytes)
    }
    return bytes
  }
}
