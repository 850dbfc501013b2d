import CLinux
public import NetTypes
import Netlink

/// A new link: RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL.
///
/// When it creates a link, the kernel accepts only these properties, and a group and a master. It ignores an alias, an
/// alternative name, and IPv4 and IPv6 settings: set those with a `LinkChange` afterwards.
public struct NewLink: Hashable, Sendable {
  /// IFLA_IFNAME.
  public var name: InterfaceName
  /// The kind, with its settings.
  public var kind: Kind
  /// The index, above 0; the kernel answers EBUSY if it is in use. nil: the kernel assigns the next one.
  ///
  /// With a random index, the creation and the changes after it fit in one batch: if the creation fails, the changes do
  /// not hit another link.
  public var index: Int32?
  /// IFLA_ADDRESS; nil: the kernel generates a random one.
  public var macAddress: MACAddress?
  /// IFLA_MTU, in bytes. A bridge still uses the smallest MTU of its ports until a `LinkChange` sets its MTU.
  public var mtu: UInt32?
  /// IFF_UP.
  public var isUp = false

  /// IFLA_INFO_KIND and IFLA_INFO_DATA.
  public enum Kind: Hashable, Sendable {
    /// A bridge.
    case bridge(BridgeAttributes)
    /// A veth pair: two links that are each other's peer.
    case veth(peer: VethPeer)
  }

  /// A link with the kernel's defaults, which is down.
  public init(_ name: InterfaceName, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The settings of a bridge: IFLA_INFO_DATA of kind `bridge`. nil leaves the kernel's default.
public struct BridgeAttributes: Hashable, Sendable {
  /// IFLA_BR_STP_STATE, the spanning tree protocol of IEEE 802.1D: 0 off, 1 in the kernel, 2 in user space.
  public var spanningTree: UInt32?
  /// IFLA_BR_MCAST_SNOOPING.
  public var multicastSnooping: Bool?

  /// The kernel's defaults.
  public init() {}
}

/// The other end of a veth pair: VETH_INFO_PEER. It cannot be created up, because the kernel connects the ends later.
public struct VethPeer: Hashable, Sendable {
  /// IFLA_IFNAME.
  public var name: InterfaceName
  /// IFLA_ADDRESS; nil: the kernel generates a random one.
  public var macAddress: MACAddress?
  /// IFLA_NET_NS_FD: an fd of the namespace to create the peer in, borrowed; nil for that of the first end.
  public var namespace: Int32?

  /// A peer with the kernel's defaults.
  public init(_ name: InterfaceName) { self.name = name }
}

extension RouteBatch {
  /// Creates a link: RTM_NEWLINK. The kernel answers EEXIST if a link has the name, as a name or an alternative name.
  public mutating func create(_ link: NewLink) {
    message(RTM_NEWLINK, [.create, .exclusive], operation: "create \(link.kind.word) \(link.name)") { message in
      message.appendLinkHeader(index: link.index ?? 0, isUp: link.isUp ? true : nil)
      message.attribute(IFLA_IFNAME, link.name.rawValue)
      if let macAddress = link.macAddress { message.attribute(IFLA_ADDRESS, bytes: macAddress.octets) }
      if let mtu = link.mtu { message.attribute(IFLA_MTU, mtu) }
      message.nest(IFLA_LINKINFO) { $0.append(link.kind) }
    }
  }
}

extension NewLink.Kind {
  fileprivate var word: String {
    switch self {
    case .bridge: LinkKind.bridge
    case .veth: LinkKind.veth
    }
  }
}

extension MessageBuffer {
  fileprivate mutating func append(_ kind: NewLink.Kind) {
    attribute(IFLA_INFO_KIND, kind.word)
    nest(IFLA_INFO_DATA) { message in
      switch kind {
      case .bridge(let bridge):
        if let value = bridge.spanningTree { message.attribute(IFLA_BR_STP_STATE, value) }
        if let value = bridge.multicastSnooping { message.attribute(IFLA_BR_MCAST_SNOOPING, value) }
      // The attribute begins with a header, so it is not a nest.
      case .veth(let peer): message.open(VETH_INFO_PEER) { $0.append(peer) }
      }
    }
  }

  private mutating func append(_ peer: VethPeer) {
    appendLinkHeader()
    attribute(IFLA_IFNAME, peer.name.rawValue)
    if let macAddress = peer.macAddress { attribute(IFLA_ADDRESS, bytes: macAddress.octets) }
    if let namespace = peer.namespace { attribute(IFLA_NET_NS_FD, namespace) }
  }
}
