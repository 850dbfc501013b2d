import CLinux
public import Netlink

/// A chain of rules. A base chain is called by the kernel, at a hook; a regular one by rules that jump to it.
public struct Chain: Hashable, Sendable {
  /// What tells chains apart.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    public var table: Table.ID
    public var name: String

    public init(_ table: Table.ID, _ name: String) {
      self.table = table
      self.name = name
    }

    /// `inet tapestry forward`.
    public var description: String { "\(table) \(name)" }
  }

  /// The type of a base chain.
  public enum Kind: String, Hashable, Sendable {
    case filter
    case nat
    /// Routes a packet anew when its mark or header was changed: output only.
    case route
  }

  /// What a packet meets at the end of a base chain.
  public enum Policy: UInt32, Hashable, Sendable {
    case drop = 0
    case accept = 1
  }

  /// How a base chain is hooked up.
  public struct Base: Hashable, Sendable {
    public var kind: Kind
    public var hook: Hook
    public var priority: Priority
    public var policy: Policy
    /// The devices of an ingress or egress hook, in ascending order; otherwise none.
    public var devices: [String]

    public init(
      _ kind: Kind, _ hook: Hook, priority: Priority, policy: Policy = .accept, devices: [String] = []
    ) {
      self.kind = kind
      self.hook = hook
      self.priority = priority
      self.policy = policy
      self.devices = devices.sorted()
    }
  }

  public var id: ID
  /// nil for a regular chain.
  public var base: Base?
  /// NFTA_CHAIN_USERDATA. Type 0 is the comment.
  public var userData: UserData
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute] = []

  public init(_ table: Table.ID, _ name: String, _ base: Base? = nil, comment: String? = nil) {
    id = ID(table, name)
    self.base = base
    userData = UserData()
    if let comment { self.comment = comment }
  }

  /// What `nft list` shows as the chain's comment: NFTNL_UDATA_CHAIN_COMMENT.
  public var comment: String? {
    get { userData.text(0) }
    set { userData.setText(0, newValue) }
  }
}

// MARK: - Messages

extension Chain {
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CHAIN_TABLE, id.table.name)
    buffer.put(NFTA_CHAIN_NAME, id.name)
    if let base {
      buffer.put(NFTA_CHAIN_TYPE, base.kind.rawValue)
      buffer.put(NFTA_CHAIN_POLICY, base.policy.rawValue)
      buffer.nest(NFTA_CHAIN_HOOK) { base.encodeHook(into: &$0, id.table.family) }
    }
    if !userData.entries.isEmpty { buffer.put(NFTA_CHAIN_USERDATA, bytes: userData.bytes) }
    buffer.put(unknown)
  }

  /// The payload of NFT_MSG_NEWCHAIN: `struct nfgenmsg`, then attributes.
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
        // A policy of other than accept or drop does not exist; NF_ACCEPT is what the kernel falls back to.
        policy = Policy(rawValue: try value.bigEndian()) ?? .accept
      case NFTA_CHAIN_HOOK.attribute: base = try Base(decodingHook: value, family)
      case NFTA_CHAIN_USERDATA.attribute: userData = value.userData(type, orKeepIn: &unknown) ?? userData
      // What the kernel adds: its handle, how many rules use it, the policy's counters, NFT_CHAIN_BASE.
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
    // A hook that the family lacks is sent as a number that no family has: the kernel refuses it.
    buffer.put(NFTA_HOOK_HOOKNUM, hook.number(in: family) ?? .max)
    buffer.put(NFTA_HOOK_PRIORITY, UInt32(bitPattern: priority.rawValue))
    if devices.count == 1 {
      buffer.put(NFTA_HOOK_DEV, devices[0])
    } else if !devices.isEmpty {
      buffer.nest(NFTA_HOOK_DEVS) { for device in devices { $0.put(NFTA_DEVICE_NAME, device) } }
    }
  }

  /// The type and the policy are attributes of the chain.
  fileprivate init(decodingHook attributes: RawSpan, _ family: Family) throws(DecodingFailure) {
    var number: UInt32?
    var devices: [String] = []
    self.init(.filter, .input, priority: 0)
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_HOOK_HOOKNUM.attribute: number = try value.bigEndian()
      case NFTA_HOOK_PRIORITY.attribute: priority = Priority(rawValue: Int32(bitPattern: try value.bigEndian()))
      case NFTA_HOOK_DEVS.attribute:
        try value.forEachAttribute { _, name throws(DecodingFailure) in devices.append(name.string) }
      // NFTA_HOOK_DEV repeats a single device.
      default: break
      }
    }
    guard let number, let hook = Hook(number: number, in: family) else {
      throw DecodingFailure("hook \(number.map { "\($0)" } ?? "without a number") of family \(family)")
    }
    self.hook = hook
    self.devices = devices.sorted()
  }
}
