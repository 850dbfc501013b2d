public import NetTypes

/// A rule of a chain, as far as this code understands it.
public struct XtablesRule: Hashable, Sendable {
  /// Tells the rules of a table that was read apart.
  let id: Int
  /// The packets that it is for are from here; nil where from anywhere, or where the mask is no prefix's.
  public var source: IPPrefix?
  /// The packets that it is for go there.
  public var destination: IPPrefix?
  /// The packets that it is for came in by this link; nil for any.
  public var inputLink: String?
  /// The protocol of the fourth layer; nil for any.
  public var protocolNumber: UInt8?
  /// The ports that they go to; nil for any.
  public var destinationPorts: [ClosedRange<UInt16>]?
  /// What it asks for besides, in its order.
  public var matches: [Match] = []
  /// Whether it asks for something that none of these tells: a link that packets leave by, say, or anything inverted.
  public var asksForMore: Bool
  /// The text of its match `comment`.
  public var comment: String?
  public var target: Target

  /// An extension: `conntrack`.
  public struct Match: Hashable, Sendable {
    public var name: String
    /// The extension's own structure, in host byte order.
    public var data: [UInt8]
  }

  /// Whether more must be true of a packet than its addresses tell.
  public var isConditional: Bool {
    asksForMore || inputLink != nil || protocolNumber != nil || matches.contains { $0.name != Self.commentMatch }
  }

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
    public var source: IPPrefix?
    public var destination: IPPrefix?
    /// Cut after 255 bytes.
    public var comment: String

    public init(source: IPPrefix? = nil, destination: IPPrefix? = nil, comment: String) {
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
    let (bytes, layout) = (entry.bytes, entry.layout)
    let flags = bytes[layout.flags]
    id = entry.id
    source = bytes.prefix(layout.source, mask: layout.sourceMask)
    destination = bytes.prefix(layout.destination, mask: layout.destinationMask)
    let hasOddMask = [(layout.sourceMask, source), (layout.destinationMask, destination)]
      .contains { mask, prefix in prefix == nil && bytes[mask].contains { $0 != 0 } }
    let inverted = bytes[layout.invertedFlags]
    if inverted & layout.invertedInput == 0 { inputLink = bytes.link(layout.inputLink, mask: layout.interfaceMasks) }
    if inverted & layout.invertedProtocol == 0, bytes[layout.transport] != 0 {
      protocolNumber = bytes[layout.transport]
    }
    let otherMasks = bytes[layout.interfaceMasks].dropFirst(inputLink == nil ? 0 : XtablesLayout.linkBytes)
    asksForMore =
      hasOddMask || otherMasks.contains { $0 != 0 } || bytes[layout.transport + 1] != 0
      || flags & layout.conditions != 0 || inverted != 0
    for match in entry.matches {
      destinationPorts = destinationPorts ?? XtablesPorts.destinations(match: match.name, match.data)
      if match.name == Self.commentMatch { comment = comment ?? match.data.string(in: match.data.indices) }
      matches.append(Match(name: match.name, data: match.data))
    }
    target =
      if !entry.isStandard { .other(entry.targetName) } else if let chain {
        flags & layout.goes != 0 ? .goto(chain) : .jump(chain)
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
  // -NF_DROP - 1, -NF_ACCEPT - 1, and XT_RETURN.
  private static let dropVerdict: Int32 = -1
  fileprivate static let acceptVerdict: Int32 = -2
  private static let returnVerdict: Int32 = -5
}

extension [UInt8] {
  /// nil for any, and for all whose names begin alike.
  fileprivate func link(_ name: Range<Int>, mask: Range<Int>) -> String? {
    let text = string(in: name)
    // The mask covers the name's end where it is one link's.
    return !text.isEmpty && self[mask.lowerBound + text.utf8.count] != 0 ? text : nil
  }

  /// nil for no mask at all, and for one that is no prefix's.
  fileprivate func prefix(_ address: Range<Int>, mask: Range<Int>) -> IPPrefix? {
    self[mask].contains { $0 != 0 } ? IPPrefix(bytes: Array(self[address]), mask: Array(self[mask])) : nil
  }
}

// MARK: - Making

extension XtablesRule.Acceptance {
  /// `struct xt_entry_match` and `struct xt_comment_info`.
  private static let commentBytes = 32 + 256
  /// `struct xt_standard_target`.
  private static let targetBytes = 40

  /// Whether it has no address of another family than this.
  func isOf(_ family: IPFamily) -> Bool { [source, destination].allSatisfy { $0 == nil || $0?.family == family } }

  func entry(id: Int, _ layout: XtablesLayout) -> XtablesEntry {
    let target = layout.matches + Self.commentBytes
    var bytes = [UInt8](zeroes: target + Self.targetBytes)
    bytes.set(source, at: layout.source, mask: layout.sourceMask)
    bytes.set(destination, at: layout.destination, mask: layout.destinationMask)
    bytes.set(UInt16(target), at: layout.target)
    bytes.set(UInt16(bytes.count), at: layout.next)

    let match = layout.matches
    bytes.set(UInt16(Self.commentBytes), at: match + XtablesEntry.PartOffset.size)
    bytes.set(Array(XtablesRule.commentMatch.utf8), at: match + XtablesEntry.PartOffset.name)
    bytes.set(Array(comment.utf8.prefix(255)), at: match + XtablesEntry.PartOffset.data)

    bytes.set(UInt16(Self.targetBytes), at: target + XtablesEntry.PartOffset.size)
    bytes.set(XtablesRule.acceptVerdict, at: target + XtablesEntry.PartOffset.data)
    return XtablesEntry(id: id, bytes: bytes, targetOffset: target, layout)
  }
}

extension [UInt8] {
  fileprivate mutating func set(_ prefix: IPPrefix?, at address: Range<Int>, mask: Range<Int>) {
    guard let prefix else { return }
    set(prefix.address.bytes, at: address.lowerBound)
    set(prefix.mask, at: mask.lowerBound)
  }
}
