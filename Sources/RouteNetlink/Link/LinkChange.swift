import CLinux
public import NetTypes
import Netlink

/// What to change of a link: RTM_NEWLINK without NLM_F_CREATE. nil leaves a property as it is.
public struct LinkChange: Hashable, Sendable {
  public var link: LinkReference
  /// Up to 255 bytes; an empty one is none.
  public var alias: String?
  /// The largest payload of a frame, in bytes.
  public var mtu: UInt32?
  public var group: UInt32?
  public var macAddress: MACAddress?
  /// The index of the link to enslave this one to; 0 releases it.
  public var master: Int32?
  public var isUp: Bool?
  /// EAFNOSUPPORT where the link has no IPv6: switched off in the kernel, or an MTU below 1280.
  public var addressGenerationMode: AddressGenerationMode?
  public var ipv4: [IPv4DeviceSetting: Int32] = [:]
  /// For a bridge.
  public var bridge: BridgeAttributes?
  /// For a port of a bridge: the one it is on, or the one that `master` says.
  public var bridgePort: BridgePortAttributes?
  /// The namespace to move the link to.
  public var namespace: NamespaceReference?

  public init(_ link: LinkReference) { self.link = link }

  /// Brings a link up, and changes nothing else.
  public static func up(_ link: LinkReference) -> LinkChange {
    var change = LinkChange(link)
    change.isUp = true
    return change
  }
}

/// A network namespace in a message: IFLA_NET_NS_PID and IFLA_NET_NS_FD.
public enum NamespaceReference: Hashable, Sendable {
  /// The namespace of a process.
  case process(Int32)
  /// An open descriptor of a namespace, such as of /run/netns/NAME. It is only borrowed.
  case descriptor(Int32)
}

extension RouteBatch {
  /// Changes a link. ENODEV when there is none.
  ///
  /// The kernel takes the settings of a bridge port only for the master the link has already. Where the change says
  /// both, it is two messages; then the second sets the port and brings the link up, so that it never forwards a frame
  /// with other settings, and is refused where the first was.
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

  /// Gives a link another name; EBUSY on kernels before 6.2 while it is up.
  ///
  /// Only by index: in a message without one, IFLA_IFNAME says which link is meant.
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

  /// The properties that a link can be given when it is made as well as later.
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
