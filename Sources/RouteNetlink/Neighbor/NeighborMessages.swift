import CLinux
import Linux
public import NetTypes
public import Netlink

extension RouteBatch {
  /// Adds an entry: RTM_NEWNEIGH. EEXIST where the link has one for the address.
  /// - Parameter linkName: The link's name, for the words of errors.
  public mutating func add(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "add neighbour \(neighbor.words(linkName))"
    message(RTM_NEWNEIGH, [.create, .exclusive], operation: operation) { $0.append(neighbor) }
  }

  /// Adds an entry, or puts it in the place of the link's entry for the address.
  public mutating func replace(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "set neighbour \(neighbor.words(linkName))"
    message(RTM_NEWNEIGH, [.create, .replace], operation: operation) { $0.append(neighbor) }
  }

  /// Deletes the link's entry for the address: RTM_DELNEIGH. That there is none, or no link, is no failure.
  public mutating func delete(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "delete neighbour \(neighbor.words(linkName))"
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice]
    message(RTM_DELNEIGH, operation: operation, satisfiedBy: satisfied) { message in
      // Which entry is meant is told by the address, the link and NTF_PROXY.
      message.appendNeighborHeader(
        neighbor.address.family, linkIndex: neighbor.linkIndex, state: [],
        flags: neighbor.flags.intersection(.proxy), type: 0)
      message.attribute(NDA_DST, neighbor.address)
    }
  }

  /// Deletes whatever the link knows of the address: that there is nothing is no failure.
  public mutating func flushNeighbor(_ address: IPAddress, linkIndex: Int32, linkName: String? = nil) {
    delete(.unresolved(address, linkIndex: linkIndex), linkName: linkName)
  }
}

extension Neighbor {
  fileprivate func words(_ linkName: String?) -> String {
    let proxy = flags.contains(.proxy) ? "proxy " : ""
    return "\(proxy)\(address) dev \(LinkReference.words(index: linkIndex, name: linkName))"
  }
}

extension RouteSocket {
  /// All entries, or those of a family or of a link: an RTM_GETNEIGH dump.
  /// - Parameter proxies: The proxy entries instead of the others.
  public mutating func neighbors(
    family: AddressFamily = .unspecified, linkIndex: Int32? = nil, proxies: Bool = false
  ) throws(NetlinkError) -> [Neighbor] {
    try get(RTM_GETNEIGH, dump: true, operation: "list neighbours") { message in
      message.appendNeighborHeader(family, linkIndex: 0, state: [], flags: proxies ? .proxy : [], type: 0)
      if let linkIndex { message.attribute(NDA_IFINDEX, linkIndex) }
    } decoding: { payload throws(DecodingFailure) in
      guard let neighbor = try Neighbor(decoding: payload) else { return nil }
      // The kernel filters by the link, but an index that no link can have it takes for none.
      return linkIndex == nil || neighbor.linkIndex == linkIndex ? neighbor : nil
    }
  }
}
