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
  /// IFLA_INFO_SLAVE_DATA of kind `bridge`, for a port of the current bridge, or of `master`.
  public var bridgePort: BridgePortAttributes?

  /// A change of nothing.
  public init(_ link: LinkReference) { self.link = link }

  /// Returns a change that only brings the link up.
  public static func up(_ link: LinkReference) -> LinkChange {
    var change = LinkChange(link)
    change.isUp = true
    return change
  }
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
}

extension MessageBuffer {
  fileprivate mutating func append(_ change: LinkChange, isUp: Bool?) {
    append(change.link, isUp: isUp)
    if let alias = change.alias { attribute(IFLA_IFALIAS, bytes: alias.utf8) }
    if let macAddress = change.macAddress { attribute(IFLA_ADDRESS, bytes: macAddress.octets) }
    if let mtu = change.mtu { attribute(IFLA_MTU, mtu) }
    if let group = change.group { attribute(IFLA_GROUP, group) }
    if let master = change.master { attribute(IFLA_MASTER, master) }
    if let port = change.bridgePort {
      nest(IFLA_LINKINFO) { message in
        message.attribute(IFLA_INFO_SLAVE_KIND, LinkKind.bridge)
        message.nest(IFLA_INFO_SLAVE_DATA) { $0.append(port) }
      }
    }
    appendConfiguration(change)
  }
}
