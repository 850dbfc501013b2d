import CLinux
public import Netlink

/// A rule of a chain: expressions that are evaluated in order, until one does not match or issues a verdict.
public struct Rule: Hashable, Sendable, Commentable {
  /// The chain of the rule.
  public var chain: Chain.ID
  /// NFTA_RULE_EXPRESSIONS.
  public var expressions: [Expression]
  /// NFTA_RULE_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []

  /// A rule of these expressions, without added checks.
  public init(_ chain: Chain.ID, _ expressions: [Expression], comment: String? = nil) {
    self.chain = chain
    self.expressions = expressions
    userData = UserData(comment: comment)
  }

  /// The rule without counter values and without attributes of newer kernels. A rule that was written equals the rule that
  /// is read back if their normal forms are equal.
  public var normalForm: Rule {
    var rule = self
    rule.expressions = expressions.filter { !$0.isNoOp }.map(\.normalForm)
    rule.unknown = []
    return rule
  }
}

/// A rule as read from the kernel, with its handle.
public struct InstalledRule: Hashable, Sendable {
  /// NFTA_RULE_HANDLE: identifies the rule within its table, for deletion.
  public var handle: UInt64
  /// The rule.
  public var rule: Rule
}

// MARK: - Messages

extension Rule {
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_RULE_TABLE, NFTA_RULE_CHAIN, chain.table, chain.name)
    buffer.nest(NFTA_RULE_EXPRESSIONS) { for expression in expressions { expression.encode(into: &$0) } }
    if !userData.entries.isEmpty { buffer.put(NFTA_RULE_USERDATA, bytes: userData.bytes) }
    buffer.put(unknown)
  }
}

extension InstalledRule {
  /// Decodes the payload of NFT_MSG_NEWRULE: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    handle = 0
    rule = Rule(Chain.ID(Table.ID(try payload.family(), ""), ""), [])
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_RULE_TABLE.attribute: rule.chain.table.name = value.string
      case NFTA_RULE_CHAIN.attribute: rule.chain.name = value.string
      case NFTA_RULE_HANDLE.attribute: handle = try value.bigEndian()
      case NFTA_RULE_EXPRESSIONS.attribute:
        try value.forEachAttribute { _, expression throws(DecodingFailure) in
          rule.expressions.append(try Expression(decoding: expression))
        }
      case NFTA_RULE_USERDATA.attribute: rule.userData = value.userData(type, orKeepIn: &rule.unknown) ?? rule.userData
      // NFTA_RULE_POSITION is the handle of the preceding rule.
      case NFTA_RULE_POSITION.attribute, NFTA_RULE_PAD.attribute: break
      default: rule.unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
  }
}
