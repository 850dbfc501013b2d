import CLinux
public import Netlink

/// A chain of rules. The kernel calls a base chain at a hook; rules jump to a regular chain.
public struct Chain: Hashable, Sendable, Commentable {
  /// Identifies a chain.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    /// The table of the chain.
    public var table: Table.ID
    /// NFTA_CHAIN_NAME.
    public var name: String

    /// The chain of this name in a table.
    public init(_ table: Table.ID, _ name: String) {
      self.table = table
      self.name = name
    }

    /// `inet tapestry forward`.
    public var description: String { "\(table) \(name)" }
  }

  /// The type of a base chain: NFTA_CHAIN_TYPE.
  public enum Kind: String, Hashable, Sendable {
    /// Filters packets.
    case filter
    /// Translates addresses; sees only the first packet of each connection.
    case nat
    /// Routes a packet again if its mark or its header has changed: output hook only.
    case route
  }

  /// The policy of a base chain, applied to packets that reach its end: NFTA_CHAIN_POLICY.
  public enum Policy: UInt32, Hashable, Sendable {
    /// NF_DROP.
    case drop = 0
    /// NF_ACCEPT.
    case accept = 1
  }

  /// The hook of a base chain: NFTA_CHAIN_HOOK.
  public struct Base: Hashable, Sendable {
    /// NFTA_CHAIN_TYPE.
    public var kind: Kind
    /// NFTA_HOOK_HOOKNUM.
    public var hook: Hook
    /// NFTA_HOOK_PRIORITY.
    public var priority: Priority
    /// NFTA_CHAIN_POLICY.
    public var policy: Policy

    /// A base chain's type, hook and policy.
    public init(_ kind: Kind, _ hook: Hook, priority: Priority, policy: Policy = .accept) {
      self.kind = kind
      self.hook = hook
      self.priority = priority
      self.policy = policy
    }
  }

  /// The table and the name.
  public var id: ID
  /// The hook of a base chain; nil for a regular chain.
  public var base: Base?
  /// NFTA_CHAIN_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute] = []

  /// A base chain, or, without `base`, a regular chain.
  public init(_ table: Table.ID, _ name: String, _ base: Base? = nil, comment: String? = nil) {
    id = ID(table, name)
    self.base = base
    userData = UserData(comment: comment)
  }
}

// MARK: - Messages

extension Chain {
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, id.table, id.name)
    if let base {
      buffer.put(NFTA_CHAIN_TYPE, base.kind.rawValue)
      buffer.put(NFTA_CHAIN_POLICY, base.policy.rawValue)
      buffer.nest(NFTA_CHAIN_HOOK) { base.encodeHook(into: &$0, id.table.family) }
    }
    if !userData.entries.isEmpty { buffer.put(NFTA_CHAIN_USERDATA, bytes: userData.bytes) }
    buffer.put(unknown)
  }

  /// Decodes the payload of NFT_MSG_NEWCHAIN: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = try payload.family()
    self.init(Table.ID(family, ""), "")
    var kind: Kind?
    var policy = Policy.accept
    var base: Base?
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_CHAIN_TABLE.attribute: id.table.name = value.string
      case NFTA_CHAIN_NAME.attribute: id.name = value.string
      case NFTA_CHAIN_TYPE.attribute:
        kind = Kind(rawValue: value.string)
        if kind == nil { throw DecodingFailure("chain type \(value.string)") }
      case NFTA_CHAIN_POLICY.attribute:
        // The kernel has no policies except accept and drop. It defaults to NF_ACCEPT.
        policy = Policy(rawValue: try value.bigEndian()) ?? .accept
      case NFTA_CHAIN_HOOK.attribute: base = try Base(decodingHook: value, family)
      case NFTA_CHAIN_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      // Set by the kernel: the handle, the number of rules that use the chain, the policy's counters, NFT_CHAIN_BASE.
      case NFTA_CHAIN_HANDLE.attribute, NFTA_CHAIN_USE.attribute, NFTA_CHAIN_COUNTERS.attribute,
        NFTA_CHAIN_FLAGS.attribute, NFTA_CHAIN_PAD.attribute:
        break
      default: unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
    if var base, let kind {
      base.kind = kind
      base.policy = policy
      self.base = base
    }
  }
}

extension Chain.Base {
  fileprivate func encodeHook(into buffer: inout MessageBuffer, _ family: Family) {
    // The number of a hook that the family lacks is one that no family has, so that the kernel refuses it.
    buffer.put(NFTA_HOOK_HOOKNUM, hook.number(in: family) ?? .max)
    buffer.put(NFTA_HOOK_PRIORITY, UInt32(bitPattern: priority.rawValue))
  }

  /// Decodes NFTA_CHAIN_HOOK. The type and the policy are attributes of the chain.
  fileprivate init(decodingHook attributes: RawSpan, _ family: Family) throws(DecodingFailure) {
    var number: UInt32?
    self.init(.filter, .input, priority: 0)
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_HOOK_HOOKNUM.attribute: number = try value.bigEndian()
      case NFTA_HOOK_PRIORITY.attribute: priority = Priority(rawValue: Int32(bitPattern: try value.bigEndian()))
      // NFTA_HOOK_DEVS: the devices of an ingress or egress hook.
      default: break
      }
    }
    guard let number, let hook = Hook(number: number, in: family) else {
      throw DecodingFailure("hook \(number.map { "\($0)" } ?? "without a number") of family \(family)")
    }
    self.hook = hook
  }
}
