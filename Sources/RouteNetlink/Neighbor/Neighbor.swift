import CLinux
public import NetTypes
public import Netlink

/// A neighbour entry, of ARP or of IPv6 neighbour discovery: RTM_NEWNEIGH, rtnetlink(7), arp(7).
public struct Neighbor: Hashable, Sendable {
  /// The index of the link: ndm_ifindex.
  public var linkIndex: Int32
  /// The neighbour's IP address: NDA_DST.
  public var address: IPAddress
  /// NDA_LLADDR; nil if it is unknown or not six bytes long; then it is in `other`.
  public var macAddress: MACAddress?
  /// ndm_state.
  public var state: State
  /// ndm_flags.
  public var flags: Flags = []
  /// ndm_type, RTN_: set by the kernel; 0 in requests.
  public var type: UInt8 = 0
  /// All other NDA_ attributes, in the kernel's order.
  public var other: [RawAttribute] = []

  private init(linkIndex: Int32, address: IPAddress, state: State) {
    self.linkIndex = linkIndex
    self.address = address
    self.state = state
  }

  /// Returns an entry that neither expires nor is probed: NUD_PERMANENT.
  public static func permanent(_ address: IPAddress, _ macAddress: MACAddress, linkIndex: Int32) -> Neighbor {
    var neighbor = Neighbor(linkIndex: linkIndex, address: address, state: .permanent)
    neighbor.macAddress = macAddress
    return neighbor
  }

  /// Returns a proxy entry: the host answers for the address on this link (NTF_PROXY). IPv4 also needs a route to the
  /// address by another link, and IPv6 the sysctl `proxy_ndp`.
  public static func proxy(_ address: IPAddress, linkIndex: Int32) -> Neighbor {
    var neighbor = Neighbor(linkIndex: linkIndex, address: address, state: .permanent)
    neighbor.flags = .proxy
    return neighbor
  }

  /// Returns an entry with an address only.
  static func unresolved(_ address: IPAddress, linkIndex: Int32) -> Neighbor {
    Neighbor(linkIndex: linkIndex, address: address, state: [])
  }

  /// NUD_ states. An entry has one state; a set is for queries.
  public struct State: OptionSet, Hashable, Sendable {
    /// The NUD_ bits.
    public var rawValue: UInt16

    /// States from NUD_ bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    private init(_ state: Int32) { rawValue = UInt16(state) }

    /// NUD_INCOMPLETE.
    public static let incomplete = State(NUD_INCOMPLETE)
    /// NUD_REACHABLE.
    public static let reachable = State(NUD_REACHABLE)
    /// NUD_STALE.
    public static let stale = State(NUD_STALE)
    /// NUD_DELAY.
    public static let delay = State(NUD_DELAY)
    /// NUD_PROBE.
    public static let probe = State(NUD_PROBE)
    /// NUD_FAILED.
    public static let failed = State(NUD_FAILED)
    /// NUD_NOARP.
    public static let noARP = State(NUD_NOARP)
    /// NUD_PERMANENT.
    public static let permanent = State(NUD_PERMANENT)
  }

  /// NTF_ flags.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The NTF_ bits.
    public var rawValue: UInt8

    /// Flags from NTF_ bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    private init(_ flag: Int32) { rawValue = UInt8(flag) }

    /// NTF_PROXY: a proxy entry.
    public static let proxy = Flags(NTF_PROXY)
    /// NTF_EXT_LEARNED: added by a control plane.
    public static let externallyLearned = Flags(NTF_EXT_LEARNED)
    /// NTF_ROUTER: the neighbour is an IPv6 router.
    public static let router = Flags(NTF_ROUTER)
    /// NTF_MASTER: the entry belongs to the bridge that the link is a port of.
    public static let master = Flags(NTF_MASTER)
  }

  /// Decodes the payload of an RTM_NEWNEIGH or RTM_DELNEIGH message. Returns nil if the entry has no IP address.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    let linkIndex = try payload.integer(at: 4, as: Int32.self)
    let state = State(rawValue: try payload.integer(at: 8))
    let flags = Flags(rawValue: try payload.integer(at: 10))
    let type = try payload.integer(at: 11, as: UInt8.self)
    var address: IPAddress?
    var macAddress: MACAddress?
    var other: [RawAttribute] = []
    try payload.forEachAttribute(from: Self.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case NDA_DST: address = try value.address(family)
      case NDA_LLADDR where value.byteCount == 6: macAddress = MACAddress(bytes: value.array)
      default: other.append(value.rawAttribute(type))
      }
    }
    guard let address else { return nil }
    self.init(linkIndex: linkIndex, address: address, state: state)
    self.macAddress = macAddress
    self.flags = flags
    self.type = type
    self.other = other
  }

  /// `struct ndmsg`.
  fileprivate static let headerSize = 12
}

extension MessageBuffer {
  mutating func append(_ neighbor: Neighbor) {
    appendNeighborHeader(
      neighbor.address.family, linkIndex: neighbor.linkIndex, state: neighbor.state, flags: neighbor.flags,
      type: neighbor.type)
    attribute(NDA_DST, neighbor.address)
    if let macAddress = neighbor.macAddress { attribute(NDA_LLADDR, bytes: macAddress.octets) }
    attributes(neighbor.other)
  }

  mutating func appendNeighborHeader(
    _ family: AddressFamily, linkIndex: Int32, state: Neighbor.State, flags: Neighbor.Flags, type: UInt8
  ) {
    append(family.rawValue)
    append(UInt8(0))
    append(UInt16(0))
    append(linkIndex)
    append(state.rawValue)
    append(flags.rawValue)
    append(type)
  }
}
