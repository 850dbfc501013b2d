import CLinux
import Linux
public import NetTypes
public import Netlink

/// An entry of a bridge's forwarding database that does not age: frames to this MAC leave by this port. RTM_NEWNEIGH with
/// family AF_BRIDGE, bridge(8).
public struct ForwardingEntry: Hashable, Sendable {
  public var macAddress: MACAddress
  /// The index of the port; of a bridge's own MAC that of the bridge.
  public var port: Int32
  public var kind: Kind

  public enum Kind: Hashable, Sendable {
    /// bridge(8)'s `static`: frames from the host and from other ports leave by the port. A port that takes the MAC for
    /// its own displaces the entry.
    case forwarded
    /// bridge(8)'s `permanent`: frames from the host leave by the port; those from other ports the host takes for its own.
    /// Of the MAC of a port the bridge makes such an entry by itself. Once there is one, no port's own MAC displaces it.
    case local

    fileprivate var state: Neighbor.State {
      switch self {
      case .forwarded: .noARP
      case .local: .permanent
      }
    }
  }

  public init(_ macAddress: MACAddress, port: Int32, kind: Kind = .forwarded) {
    self.macAddress = macAddress
    self.port = port
    self.kind = kind
  }

  /// Decodes the payload of an RTM_NEWNEIGH message; nil for entries that a bridge has learnt, and for those of a VLAN.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    guard AddressFamily(rawValue: try payload.integer(at: 0)) == .bridge else { return nil }
    let state = Neighbor.State(rawValue: try payload.integer(at: 8))
    guard let kind = [Kind.forwarded, .local].first(where: { $0.state == state }) else { return nil }
    var macAddress: MACAddress?
    var isOfVLAN = false
    try payload.forEachAttribute(from: 12) { type, value throws(DecodingFailure) in
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
  /// Makes the entry, or makes it out of the bridge's entry of the MAC: RTM_NEWNEIGH with NTF_MASTER, and NUD_NOARP or
  /// NUD_PERMANENT. The port must have a master.
  public mutating func replace(_ entry: ForwardingEntry, linkName: String? = nil) {
    let port = LinkReference.words(index: entry.port, name: linkName)
    message(RTM_NEWNEIGH, [.create, .replace], operation: "set forwarding entry \(entry.macAddress) dev \(port)") {
      $0.appendNeighborHeader(.bridge, linkIndex: entry.port, state: entry.kind.state, flags: .master, type: 0)
      $0.attribute(NDA_LLADDR, bytes: entry.macAddress.octets)
    }
  }
}

extension RouteSocket {
  /// The entries of all bridges that do not age: an RTM_GETNEIGH dump of AF_BRIDGE.
  public mutating func forwardingEntries() throws(NetlinkError) -> [ForwardingEntry] {
    try get(RTM_GETNEIGH, dump: true, operation: "list forwarding entries") { message in
      message.appendNeighborHeader(.bridge, linkIndex: 0, state: [], flags: [], type: 0)
    } decoding: { payload throws(DecodingFailure) in
      try ForwardingEntry(decoding: payload)
    }
  }
}
