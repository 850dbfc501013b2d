import CLinux
public import NetTypes
import Netlink

/// A new link: RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL.
///
/// When it creates a link, the kernel accepts only these properties. It ignores an alias, an alternative name, and IPv4
/// and IPv6 settings: set those with a `LinkChange` afterwards.
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
  /// IFLA_GROUP; nil for the default group, 0.
  public var group: UInt32?
  /// IFLA_MASTER: the index of the link to enslave the new link to.
  public var master: Int32?
  /// IFF_UP.
  public var isUp = false
  /// The namespace to create the link in; nil for that of the socket.
  public var namespace: NamespaceReference?

  /// IFLA_INFO_KIND and IFLA_INFO_DATA.
  public enum Kind: Hashable, Sendable {
    /// A bridge.
    case bridge(BridgeAttributes)
    /// A veth pair: two links that are each other's peer.
    case veth(peer: VethPeer)
    /// A link that drops all packets sent to it.
    case dummy
  }

  /// A link with the kernel's defaults, which is down.
  public init(_ name: InterfaceName, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The other end of a veth pair: VETH_INFO_PEER. It cannot be created up, because the kernel connects the ends later.
public struct VethPeer: Hashable, Sendable {
  /// IFLA_IFNAME.
  public var name: InterfaceName
  /// IFLA_ADDRESS; nil: the kernel generates a random one.
  public var macAddress: MACAddress?
  /// IFLA_MTU, in bytes.
  public var mtu: UInt32?
  /// IFLA_GROUP; nil for the default group, 0.
  public var group: UInt32?
  /// The namespace to create the peer in; nil for that of the first end.
  public var namespace: NamespaceReference?

  /// A peer with the kernel's defaults.
  public init(_ name: InterfaceName) { self.name = name }
}

extension RouteBatch {
  /// Creates a link: RTM_NEWLINK. The kernel answers EEXIST if a link has the name, as a name or an alternative name.
  public mutating func create(_ link: NewLink) {
    message(RTM_NEWLINK, [.create, .exclusive], operation: "create \(link.kind.word) \(link.name)") { message in
      message.append(LinkHeader(index: link.index, isUp: link.isUp))
      message.attribute(IFLA_IFNAME, link.name.rawValue)
      message.linkProperties(
        macAddress: link.macAddress, mtu: link.mtu, group: link.group, master: link.master,
        namespace: link.namespace)
      message.nest(IFLA_LINKINFO) { $0.append(link.kind) }
    }
  }
}

extension NewLink.Kind {
  fileprivate var word: String {
    switch self {
    case .bridge: LinkKind.bridge
    case .veth: LinkKind.veth
    case .dummy: LinkKind.dummy
    }
  }
}

extension LinkHeader {
  fileprivate init(index: Int32?, isUp: Bool) {
    self.index = index ?? 0
    guard isUp else { return }
    flags = .up
    changed = .up
  }
}

extension MessageBuffer {
  fileprivate mutating func append(_ kind: NewLink.Kind) {
    attribute(IFLA_INFO_KIND, kind.word)
    switch kind {
    case .bridge(let bridge): nest(IFLA_INFO_DATA) { $0.append(bridge) }
    case .veth(let peer):
      nest(IFLA_INFO_DATA) { message in
        // The attribute begins with a header, so it is not a nest.
        message.open(VETH_INFO_PEER) { $0.append(peer) }
      }
    case .dummy: break
    }
  }

  private mutating func append(_ peer: VethPeer) {
    append(LinkHeader())
    attribute(IFLA_IFNAME, peer.name.rawValue)
    linkProperties(
      macAddress: peer.macAddress, mtu: peer.mtu, group: peer.group, master: nil, namespace: peer.namespace)
  }
}
