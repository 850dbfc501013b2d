import CLinux
public import NetTypes
import Netlink

/// A link to be made: RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL.
///
/// The kernel takes only these properties when it makes a link; an alias, an alternative name, and IPv4 and IPv6
/// settings it passes over, so set them by a `LinkChange` once the link is there.
public struct NewLink: Hashable, Sendable {
  public var name: InterfaceName
  public var kind: Kind
  /// The index it is to have, above 0; EBUSY where it is taken. nil: the kernel gives the next.
  ///
  /// With an index drawn at random the creation and what is to follow it fit in one batch: where the creation fails, no
  /// other link is meant by the changes after it.
  public var index: Int32?
  /// nil: the kernel draws one at random.
  public var macAddress: MACAddress?
  /// The largest payload of a frame, in bytes. A bridge takes the least of its ports' all the same, until its MTU is
  /// set by a `LinkChange`.
  public var mtu: UInt32?
  public var group: UInt32?
  /// The index of the link to enslave it to.
  public var master: Int32?
  public var isUp = false
  /// Where to make it; nil: in the namespace of the socket.
  public var namespace: NamespaceReference?

  public enum Kind: Hashable, Sendable {
    case bridge(BridgeAttributes)
    /// Two links, each the other's far end.
    case veth(peer: VethPeer)
    /// A link that drops what is sent to it.
    case dummy
  }

  public init(_ name: InterfaceName, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The other end of a veth pair: VETH_INFO_PEER. It cannot be made up: the kernel joins the ends only afterwards.
public struct VethPeer: Hashable, Sendable {
  public var name: InterfaceName
  public var macAddress: MACAddress?
  /// The largest payload of a frame, in bytes.
  public var mtu: UInt32?
  public var group: UInt32?
  /// Where to make it; nil: where the first end is.
  public var namespace: NamespaceReference?

  public init(_ name: InterfaceName) { self.name = name }
}

extension RouteBatch {
  /// Makes a link; EEXIST where its name is taken, as a name or an alternative name.
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
        // A header stands before the attributes, so it is no nest.
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
