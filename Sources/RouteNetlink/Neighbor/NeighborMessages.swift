import CLinux
public import Linux
public import NetTypes
import Netlink

extension RouteBatch {
  /// Adds an entry: RTM_NEWNEIGH with NLM_F_EXCL. The kernel answers EEXIST if the link has an entry for the address.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func add(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "add neighbour \(neighbor.text(linkName))"
    message(RTM_NEWNEIGH, [.create, .exclusive], operation: operation) { $0.append(neighbor) }
  }

  /// Adds an entry, or replaces the link's entry for the address: RTM_NEWNEIGH with NLM_F_REPLACE.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func replace(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "set neighbour \(neighbor.text(linkName))"
    message(RTM_NEWNEIGH, [.create, .replace], operation: operation) { $0.append(neighbor) }
  }

  /// Deletes the link's entry for the address: RTM_DELNEIGH. It is not an error if the entry or the link does not exist.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func delete(_ neighbor: Neighbor, linkName: String? = nil) {
    let operation = "delete neighbour \(neighbor.text(linkName))"
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice]
    message(RTM_DELNEIGH, operation: operation, satisfiedBy: satisfied) { message in
      // The address, the link and NTF_PROXY select the entry.
      message.appendNeighborHeader(
        neighbor.address.family, linkIndex: neighbor.linkIndex, state: [],
        flags: neighbor.flags.intersection(.proxy), type: 0)
      message.attribute(NDA_DST, neighbor.address)
    }
  }

  /// Deletes the link's entry for the address, whatever its state. It is not an error if there is none.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func flushNeighbor(_ address: IPAddress, linkIndex: Int32, linkName: String? = nil) {
    delete(.unresolved(address, linkIndex: linkIndex), linkName: linkName)
  }
}

extension Neighbor {
  fileprivate func text(_ linkName: String?) -> String {
    let proxy = flags.contains(.proxy) ? "proxy " : ""
    return "\(proxy)\(address) dev \(LinkReference.text(index: linkIndex, name: linkName))"
  }
}

extension RouteSocket {
  /// Returns the entries: an RTM_GETNEIGH dump.
  /// - Parameters:
  ///   - family: The address family; all families by default.
  ///   - linkIndex: The index of the link; nil for all links.
  ///   - proxies: Returns only the proxy entries; by default, only the others.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func neighbors(
    family: AddressFamily = .unspecified, linkIndex: Int32? = nil, proxies: Bool = false
  ) throws(KernelError) -> [Neighbor] {
    try get(RTM_GETNEIGH, dump: true, operation: "list neighbours") { message in
      message.appendNeighborHeader(family, linkIndex: 0, state: [], flags: proxies ? .proxy : [], type: 0)
      if let linkIndex { message.attribute(NDA_IFINDEX, linkIndex) }
    } decoding: { payload throws(DecodingFailure) in
      guard let neighbor = try Neighbor(decoding: payload) else { return nil }
      // The kernel filters by link, but ignores an index that no link can have.
      return linkIndex == nil || neighbor.linkIndex == linkIndex ? neighbor : nil
    }
  }
}
