public import NetTypes

/// A rule of a chain, as far as this code understands it.
public struct XtablesRule: Hashable, Sendable {
  /// Tells the rules of a table that was read apart.
  let id: Int
  /// The packets that it is for are from here; nil where from anywhere, or where the mask is no prefix's.
  public var source: IPv4Prefix?
  /// The packets that it is for go there.
  public var destination: IPv4Prefix?
  /// Whether more must be true of a packet than its addresses tell.
  public var isConditional: Bool
  /// The text of its match `comment`.
  public var comment: String?
  public var target: Target

  public enum Target: Hashable, Sendable {
    case accept, drop, `return`
    case jump(String)
    /// As a jump, without coming back.
    case goto(String)
    /// An extension: `REJECT`.
    case other(String)
    /// None: the next rule is next.
    case next
  }

  /// A rule that accepts packets from, or to, a prefix; it carries a comment.
  public struct Acceptance: Hashable, Sendable {
    public var source: IPv4Prefix?
    public var destination: IPv4Prefix?
    /// Cut after 255 bytes.
    public var comment: String

    public init(source: IPv4Prefix? = nil, destination: IPv4Prefix? = nil, comment: String) {
      self.source = source
      self.destination = destination
      self.comment = comment
    }
  }
}

// MARK: - Reading

extension XtablesRule {
  /// - Parameter chain: the chain that the entry goes on in; nil for none.
  init(_ entry: XtablesEntry, goesTo chain: String?) {
    let bytes = entry.bytes
    let flags = bytes[XtablesEntry.Offset.flags]
    id = entry.id
    source = bytes.prefix(XtablesEntry.Offset.source, mask: XtablesEntry.Offset.sourceMask)
    destination = bytes.prefix(XtablesEntry.Offset.destination, mask: XtablesEntry.Offset.destinationMask)
    let hasOddMask = [(XtablesEntry.Offset.sourceMask, source), (XtablesEntry.Offset.destinationMask, destination)]
      .contains { offset, prefix in prefix == nil && bytes[offset..<(offset + 4)].contains { $0 != 0 } }
    isConditional =
      hasOddMask || bytes[XtablesEntry.Offset.interfaceMasks].contains { $0 != 0 }
      || bytes[XtablesEntry.Offset.transport..<XtablesEntry.Offset.flags].contains { $0 != 0 }
      || flags & Self.fragments != 0 || bytes[XtablesEntry.Offset.invertedFlags] != 0
    for match in entry.matches {
      if match.name == Self.commentMatch, comment == nil {
        comment = match.data.string(in: match.data.indices)
      } else {
        isConditional = true
      }
    }
    target =
      if !entry.isStandard { .other(entry.targetName) } else if let chain {
        flags & Self.goes != 0 ? .goto(chain) : .jump(chain)
      } else {
        switch try? entry.verdict {
        case Self.acceptVerdict: .accept
        case Self.dropVerdict: .drop
        case Self.returnVerdict: .return
        default: .next
        }
      }
  }

  fileprivate static let commentMatch = "comment"
  // IPT_F_FRAG and IPT_F_GOTO.
  private static let fragments: UInt8 = 1
  private static let goes: UInt8 = 2
  // -NF_DROP - 1, -NF_ACCEPT - 1, and XT_RETURN.
  private static let dropVerdict: Int32 = -1
  fileprivate static let acceptVerdict: Int32 = -2
  private static let returnVerdict: Int32 = -5
}

extension [UInt8] {
  /// nil for no mask at all, and for one that is no prefix's.
  fileprivate func prefix(_ offset: Int, mask: Int) -> IPv4Prefix? {
    guard let address = IPv4Address(bytes: Array(self[offset..<(offset + 4)])),
      let mask = IPv4Address(bytes: Array(self[mask..<(mask + 4)]))?.rawValue, mask != 0
    else { return nil }
    let length = (~mask).leadingZeroBitCount
    return mask.nonzeroBitCount == length ? try? IPv4Prefix(containing: address, prefixLength: length) : nil
  }
}

// MARK: - Making

extension XtablesRule.Acceptance {
  /// `struct xt_entry_match` and `struct xt_comment_info`.
  private static let commentBytes = 32 + 256
  /// `struct xt_standard_target`.
  private static let targetBytes = 40

  func entry(id: Int) -> XtablesEntry {
    let target = XtablesEntry.Offset.matches + Self.commentBytes
    var bytes = [UInt8](zeroes: target + Self.targetBytes)
    bytes.set(source, at: XtablesEntry.Offset.source, mask: XtablesEntry.Offset.sourceMask)
    bytes.set(destination, at: XtablesEntry.Offset.destination, mask: XtablesEntry.Offset.destinationMask)
    bytes.set(UInt16(target), at: XtablesEntry.Offset.target)
    bytes.set(UInt16(bytes.count), at: XtablesEntry.Offset.next)

    let match = XtablesEntry.Offset.matches
    bytes.set(UInt16(Self.commentBytes), at: match + XtablesEntry.PartOffset.size)
    bytes.set(Array(XtablesRule.commentMatch.utf8), at: match + XtablesEntry.PartOffset.name)
    bytes.set(Array(comment.utf8.prefix(255)), at: match + XtablesEntry.PartOffset.data)

    bytes.set(UInt16(Self.targetBytes), at: target + XtablesEntry.PartOffset.size)
    bytes.set(XtablesRule.acceptVerdict, at: target + XtablesEntry.PartOffset.data)
    return XtablesEntry(id: id, bytes: bytes, targetOffset: target)
  }
}

extension [UInt8] {
  fileprivate mutating func set(_ prefix: IPv4Prefix?, at offset: Int, mask: Int) {
    guard let prefix else { return }
    set(prefix.address.bytes, at: offset)
    set(prefix.subnetMask.bytes, at: mask)
  }
}
