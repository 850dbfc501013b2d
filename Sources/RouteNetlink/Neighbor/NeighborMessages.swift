import CLinux
public import Linux
public import NetTypes
import Netlink

extension RouteBatch {
  /// Adds an entry, or replaces the link's entry for the address: RTM_NEWNEIGH with NLM_F_REPLACE.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func replace(_ neighbor: Neighbor, linkName: String? = nil) {
    let link = LinkReference.text(index: neighbor.linkIndex, name: linkName)
    message(RTM_NEWNEIGH, [.create, .replace], operation: "set neighbour \(neighbor.address) dev \(link)") {
      $0.append(neighbor)
    }
  }

  /// Deletes the link's entry for the address, in any state: RTM_DELNEIGH. It is not an error if the entry or the
  /// link does not exist.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func flushNeighbor(_ address: IPAddress, linkIndex: Int32, linkName: String? = nil) {
    let operation = "delete neighbour \(address) dev \(LinkReference.text(index: linkIndex, name: linkName))"
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice]
    message(RTM_DELNEIGH, operation: operation, satisfiedBy: satisfied) { message in
      message.appendNeighborHeader(address.family, linkIndex: linkIndex)
      message.attribute(NDA_DST, address)
    }
  }
}

extension RouteSocket {
  /// Returns the entries, except proxy entries: an RTM_GETNEIGH dump.
  /// - Parameter family: The address family; all families by default.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func neighbors(family: AddressFamily = .unspecified) throws(KernelError) -> [Neighbor] {
    try get(RTM_GETNEIGH, dump: true, operation: "list neighbours") { message in
      message.appendNeighborHeader(family)
    } decoding: { payload throws(DecodingFailure) in
      try Neighbor(decoding: payload)
    }
  }
}
