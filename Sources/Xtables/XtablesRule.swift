public import NetTypes

/// A rule of a chain, as far as this code decodes it.
public struct XtablesRule: Hashable, Sendable {
  /// Identifies the rule within the table that was read.
  let id: Int
  /// The source prefix; nil for any source, or if the mask is not that of a prefix.
  public var source: IPPrefix?
  /// The destination prefix; nil as for `source`.
  public var destination: IPPrefix?
  /// The input interface; nil for any.
  public var inputLink: String?
  /// The layer 4 protocol (IPPROTO_); nil for any.
  public var protocolNumber: UInt8?
  /// The destination ports, in host byte order; nil for any.
  public var destinationPorts: [ClosedRange<UInt16>]?
  /// All matches, in the order of the rule.
  public var matches: [Match] = []
  /// True if the rule has a condition that no other property shows: an output interface, for example, or any inversion.
  public var asksForMore: Bool
  /// The text of the match `comment`.
  public var comment: String?
  /// The rule's target.
  public var target: Target

  /// A match extension: `conntrack`.
  public struct Match: Hashable, Sendable {
    /// The name of the extension.
    public var name: String
    /// The extension's own struct, in host byte order.
    public var data: [UInt8]
  }

  /// True if the rule has other conditions than addresses.
  public var isConditional: Bool {
    asksForMore || inputLink != nil || protocolNumber != nil || matches.contains { $0.name != Self.commentMatch }
  }

  /// A rule's target.
  public enum Target: Hashable, Sendable {
    /// NF_ACCEPT, NF_DROP and XT_RETURN.
    case accept, drop, `return`
    /// A jump to a user-defined chain.
    case jump(String)
    /// A jump to a user-defined chain without return.
    case goto(String)
    /// A target extension: `REJECT`.
    case other(String)
    /// No target: the next rule follows.
    case next
  }

  /// A new rule that accepts packets from or to a prefix, with a comment.
  public struct Acceptance: Hashable, Sendable {
    /// The source prefix; nil for any.
    public var source: IPPrefix?
    /// The destination prefix; nil for any.
    public var destination: IPPrefix?
    /// The comment, cut to 255 bytes.
    public var comment: String

    /// A rule with these prefixes and this comment.
    public init(source: IPPrefix? = nil, destination: IPPrefix? = nil, comment: String) {
      self.source = source
      self.destination = destination
      self.comment = comment
    }
  }
}

// MARK: - Reading

extension XtablesRule {
  /// - Parameter chain: The chain that the entry jumps to; nil for none.
  init(_ entry: XtablesEntry, jumpsTo chain: String?) {
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
      || flags & layout.conditionFlags != 0 || inverted != 0
    for match in entry.matches {
      destinationPorts = destinationPorts ?? XtablesPorts.destinations(match: match.name, match.data)
      if match.name == Self.commentMatch { comment = comment ?? match.data.string(in: match.data.indices) }
      matches.append(Match(name: match.name, data: match.data))
    }
    target =
      if !entry.isStandard { .other(entry.targetName) } else if let chain {
        flags & layout.gotoFlag != 0 ? .goto(chain) : .jump(chain)
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
  /// Returns an interface name; nil for any interface, or for a name that ends in a wildcard (`eth+`).
  fileprivate func link(_ name: Range<Int>, mask: Range<Int>) -> String? {
    let text = string(in: name)
    // The mask covers the name's NUL if the name is complete.
    return !text.isEmpty && self[mask.lowerBound + text.utf8.count] != 0 ? text : nil
  }

  /// Returns nil if there is no mask, or if it is not that of a prefix.
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

  /// True if the rule has no address of the other family.
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
    return XtablesEntry(id: id, bytes: bytes, targetOffset: target, layout: layout)
  }
}

extension [UInt8] {
  fileprivate mutating func set(_ prefix: IPPrefix?, at address: Range<Int>, mask: Range<Int>) {
    guard let prefix else { return }
    set(prefix.address.bytes, at: address.lowerBound)
    set(prefix.mask, at: mask.lowerBound)
  }
}
