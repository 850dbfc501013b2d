import CLinux
import Linux
public import NetTypes
public import Netlink

/// A static entry of a bridge's forwarding database: frames to this MAC leave by this port. RTM_NEWNEIGH with family
/// AF_BRIDGE, bridge(8).
public struct ForwardingEntry: Hashable, Sendable {
  public var macAddress: MACAddress
  /// The index of the port.
  public var port: Int32

  public init(_ macAddress: MACAddress, port: Int32) {
    self.macAddress = macAddress
    self.port = port
  }

  /// Decodes the payload of an RTM_NEWNEIGH message; nil for entries that a bridge made itself: learnt ones, and those
  /// of its ports' own addresses.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    guard AddressFamily(rawValue: try payload.integer(at: 0)) == .bridge,
      Neighbor.State(rawValue: try payload.integer(at: 8)) == .noARP
    else { return nil }
    var macAddress: MACAddress?
    try payload.forEachAttribute(from: 12) { type, value throws(DecodingFailure) in
      if Int(type) == NDA_LLADDR, value.byteCount == 6 { macAddress = MACAddress(bytes: value.array) }
    }
    guard let macAddress else { return nil }
    self.init(macAddress, port: try payload.integer(at: 4))
  }
}

extension RouteBatch {
  /// Makes the entry, or keeps it where it is: RTM_NEWNEIGH with NTF_MASTER and NUD_NOARP. The port must have a master.
  public mutating func replace(_ entry: ForwardingEntry, linkName: String? = nil) {
    let port = LinkReference.words(index: entry.port, name: linkName)
    message(RTM_NEWNEIGH, [.create, .replace], operation: "set forwarding entry \(entry.macAddress) dev \(port)") {
      $0.appendNeighborHeader(.bridge, linkIndex: entry.port, state: .noARP, flags: .master, type: 0)
      $0.attribute(NDA_LLADDR, bytes: entry.macAddress.octets)
    }
  }
}

extension RouteSocket {
  /// The static entries of all bridges: an RTM_GETNEIGH dump of AF_BRIDGE.
  public mutating func forwardingEntries() throws(NetlinkError) -> [ForwardingEntry] {
    try get(RTM_GETNEIGH, dump: true, operation: "list forwarding entries") { message in
      message.appendNeighborHeader(.bridge, linkIndex: 0, state: [], flags: [], type: 0)
    } decoding: { payload throws(DecodingFailure) in
      try ForwardingEntry(decoding: payload)
    }
  }
}
