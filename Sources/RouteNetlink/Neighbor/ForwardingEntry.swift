import CLinux
public import Linux
public import NetTypes
import Netlink

/// An entry of a bridge's forwarding database that does not age: frames to this MAC address leave by this port.
/// RTM_NEWNEIGH with family AF_BRIDGE, bridge(8).
public struct ForwardingEntry: Hashable, Sendable {
  /// The destination MAC address: NDA_LLADDR.
  public var macAddress: MACAddress
  /// The index of the port. For the bridge's own MAC address, the index of the bridge.
  public var port: Int32
  /// The kind of entry.
  public var kind: Kind

  /// Two kinds of entry that do not age.
  public enum Kind: Hashable, Sendable {
    /// `static` in bridge(8), NUD_NOARP: frames from the host and from other ports leave by the port. If a port's own MAC
    /// address becomes this one, it replaces the entry.
    case forwarded
    /// `permanent` in bridge(8), NUD_PERMANENT: frames from the host leave by the port; frames from other ports go to the
    /// host. The bridge adds such an entry for the MAC address of each port. If one exists already, a port's own MAC
    /// address does not replace it.
    case local

    fileprivate var state: Neighbor.State {
      switch self {
      case .forwarded: .noARP
      case .local: .permanent
      }
    }
  }

  /// An entry of the bridge that the port belongs to.
  public init(_ macAddress: MACAddress, port: Int32, kind: Kind = .forwarded) {
    self.macAddress = macAddress
    self.port = port
    self.kind = kind
  }

  /// Decodes the payload of an RTM_NEWNEIGH message. Returns nil for learned entries and for those of a VLAN.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    guard AddressFamily(rawValue: try payload.integer(at: 0)) == .bridge else { return nil }
    let state = Neighbor.State(rawValue: try payload.integer(at: 8))
    guard let kind = [Kind.forwarded, .local].first(where: { $0.state == state }) else { return nil }
    var macAddress: MACAddress?
    var isOfVLAN = false
    try payload.forEachAttribute(from: Neighbor.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case NDA_LLADDR where value.byteCount == 6: macAddress = MACAddress(bytes: value.array)
      case NDA_VLAN: isOfVLAN = true
      default: break
      }
    }
    guard let macAddress, !isOfVLAN else { return nil }
    self.init(macAddress, port: try payload.integer(at: 4), kind: kind)
  }
}

extension RouteBatch {
  /// Adds an entry, or replaces the bridge's entry for the MAC address: RTM_NEWNEIGH with NTF_MASTER, and NUD_NOARP or
  /// NUD_PERMANENT. The port must have a master.
  /// - Parameter linkName: The port's name, for error texts only.
  public mutating func replace(_ entry: ForwardingEntry, linkName: String? = nil) {
    let port = LinkReference.text(index: entry.port, name: linkName)
    message(RTM_NEWNEIGH, [.create, .replace], operation: "set forwarding entry \(entry.macAddress) dev \(port)") {
      $0.appendNeighborHeader(.bridge, linkIndex: entry.port, state: entry.kind.state, flags: NTF_MASTER)
      $0.attribute(NDA_LLADDR, bytes: entry.macAddress.octets)
    }
  }
}

extension RouteSocket {
  /// Returns the entries of all bridges that do not age: an RTM_GETNEIGH dump of AF_BRIDGE.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func forwardingEntries() throws(KernelError) -> [ForwardingEntry] {
    try get(RTM_GETNEIGH, dump: true, operation: "list forwarding entries") { message in
      message.appendNeighborHeader(.bridge)
    } decoding: { payload throws(DecodingFailure) in
      try ForwardingEntry(decoding: payload)
    }
  }
}
