import CLinux
public import NetTypes
import Netlink

/// Changes to a link: RTM_NEWLINK without NLM_F_CREATE. nil leaves a property unchanged.
public struct LinkChange: Hashable, Sendable {
  /// The link.
  public var link: LinkReference
  /// IFLA_IFALIAS, up to 255 bytes. An empty text removes the alias.
  public var alias: String?
  /// IFLA_MTU, in bytes.
  public var mtu: UInt32?
  /// IFLA_GROUP.
  public var group: UInt32?
  /// IFLA_ADDRESS.
  public var macAddress: MACAddress?
  /// IFLA_MASTER: the index of the link to enslave this one to; 0 releases it.
  public var master: Int32?
  /// IFF_UP.
  public var isUp: Bool?
  /// IFLA_INET6_ADDR_GEN_MODE. The kernel answers EAFNOSUPPORT if the link has no IPv6: IPv6 is disabled in the kernel, or
  /// the MTU is below 1280.
  public var addressGenerationMode: AddressGenerationMode?
  /// IFLA_INET_CONF.
  public var ipv4: [IPv4DeviceSetting: Int32] = [:]
  /// IFLA_INFO_DATA of kind `bridge`, for a bridge.
  public var bridge: BridgeAttributes?
  /// IFLA_INFO_SLAVE_DATA of kind `bridge`, for a port of the current bridge, or of `master`.
  public var bridgePort: BridgePortAttributes?
  /// The network namespace to move the link to.
  public var namespace: NamespaceReference?

  /// A change of nothing.
  public init(_ link: LinkReference) { self.link = link }

  /// Returns a change that only brings the link up.
  public static func up(_ link: LinkReference) -> LinkChange {
    var change = LinkChange(link)
    change.isUp = true
    return change
  }
}

/// A network namespace in a message: IFLA_NET_NS_PID or IFLA_NET_NS_FD.
public enum NamespaceReference: Hashable, Sendable {
  /// The namespace of a process, by process id.
  case process(Int32)
  /// An fd of a namespace file, such as /run/netns/NAME; borrowed.
  case descriptor(Int32)
}

extension RouteBatch {
  /// Changes a link: RTM_NEWLINK. The kernel answers ENODEV if it does not exist.
  ///
  /// The kernel accepts bridge port settings only for the link's current master. If the change has both, it takes two
  /// messages. The second sets the port and brings the link up, so that the link never forwards a frame with other
  /// settings. If the first fails, the second fails too.
  public mutating func set(_ change: LinkChange) {
    let operation = "set link \(change.link)"
    guard let port = change.bridgePort, let master = change.master, master != 0 else {
      return message(RTM_NEWLINK, operation: operation) { $0.append(change, isUp: change.isUp) }
    }
    var first = change
    first.bridgePort = nil
    message(RTM_NEWLINK, operation: operation) { $0.append(first, isUp: change.isUp == false ? false : nil) }
    var second = LinkChange(change.link)
    second.bridgePort = port
    message(RTM_NEWLINK, operation: "set bridge port \(change.link)") { $0.append(second, isUp: change.isUp) }
  }

  /// Renames a link. Kernels before 6.2 answer EBUSY if the link is up.
  ///
  /// The link must be given by index: in a message without one, IFLA_IFNAME selects the link.
  public mutating func rename(linkIndex: Int32, to name: InterfaceName) {
    message(RTM_NEWLINK, operation: "rename link \(linkIndex) to \(name)") { message in
      message.append(LinkReference.index(linkIndex))
      message.linkName(name.rawValue)
    }
  }
}

extension MessageBuffer {
  fileprivate mutating func append(_ change: LinkChange, isUp: Bool?) {
    append(change.link, isUp: isUp)
    if let alias = change.alias { attribute(IFLA_IFALIAS, bytes: alias.utf8) }
    linkProperties(
      macAddress: change.macAddress, mtu: change.mtu, group: change.group, master: change.master,
      namespace: change.namespace)
    if let bridge = change.bridge {
      nest(IFLA_LINKINFO) { message in
        message.attribute(IFLA_INFO_KIND, LinkKind.bridge)
        message.nest(IFLA_INFO_DATA) { $0.append(bridge) }
      }
    }
    if let port = change.bridgePort {
      nest(IFLA_LINKINFO) { message in
        message.attribute(IFLA_INFO_SLAVE_KIND, LinkKind.bridge)
        message.nest(IFLA_INFO_SLAVE_DATA) { $0.append(port) }
      }
    }
    var configuration = DeviceConfiguration()
    configuration.ipv4 = change.ipv4
    configuration.addressGenerationMode = change.addressGenerationMode
    append(configuration)
  }

  /// Appends the properties that can be set both when a link is created and later.
  mutating func linkProperties(
    macAddress: MACAddress?, mtu: UInt32?, group: UInt32?, master: Int32?, namespace: NamespaceReference?
  ) {
    if let macAddress { attribute(IFLA_ADDRESS, bytes: macAddress.octets) }
    if let mtu { attribute(IFLA_MTU, mtu) }
    if let group { attribute(IFLA_GROUP, group) }
    if let master { attribute(IFLA_MASTER, master) }
    switch namespace {
    case .process(let pid): attribute(IFLA_NET_NS_PID, pid)
    case .descriptor(let descriptor): attribute(IFLA_NET_NS_FD, descriptor)
    case nil: break
    }
  }
}
