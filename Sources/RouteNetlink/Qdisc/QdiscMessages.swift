import CLinux
import Linux
public import Netlink

extension RouteBatch {
  /// Gives a link a root queueing discipline, in the place of the one it has; of one of the same kind only the parameters
  /// change, and what waits goes on waiting. RTM_NEWQDISC. ENOENT where the kernel has no such discipline.
  /// - Parameter linkName: The link's name, for the words of errors.
  public mutating func replace(_ qdisc: RootQdisc, linkName: String? = nil) {
    let link = LinkReference.words(index: qdisc.linkIndex, name: linkName)
    message(RTM_NEWQDISC, [.create, .replace], operation: "set root qdisc \(qdisc.kind.name) of \(link)") {
      $0.append(qdisc)
    }
  }

  /// Takes the token bucket filter from a link, which then sends as it did without: RTM_DELQDISC. That the link's root is
  /// of another kind, or the link is gone, is no failure; what there is of another kind stays.
  public mutating func deleteTokenBucket(linkIndex: Int32, linkName: String? = nil) {
    let link = LinkReference.words(index: linkIndex, name: linkName)
    // EINVAL: the root is of another kind.
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice, .invalidArgument]
    message(RTM_DELQDISC, operation: "delete root qdisc tbf of \(link)", satisfiedBy: satisfied) { message in
      message.appendTrafficHeader(linkIndex: linkIndex, parent: TrafficHandle.root)
      message.attribute(TCA_KIND, TokenBucket.name)
    }
  }
}

extension RouteSocket {
  /// The queueing disciplines that somebody has set, of all links: those at their roots, and those that filter what comes
  /// in. An RTM_GETQDISC dump.
  public mutating func qdiscs() throws(NetlinkError) -> [Qdisc] {
    try get(RTM_GETQDISC, dump: true, operation: "list qdiscs") { message in
      message.appendTrafficHeader(linkIndex: 0, parent: TrafficHandle.root)
    } decoding: { payload throws(DecodingFailure) in
      if let ingress = try IngressBlock(decoding: payload) { return .ingress(ingress) }
      return try RootQdisc(decoding: payload).map(Qdisc.root)
    }
  }

  /// The root queueing disciplines of all links, or of one.
  public mutating func rootQdiscs(linkIndex: Int32? = nil) throws(NetlinkError) -> [RootQdisc] {
    try qdiscs().compactMap { qdisc in
      guard case .root(let root) = qdisc, linkIndex == nil || root.linkIndex == linkIndex else { return nil }
      return root
    }
  }
}

/// What a link does with packets: those that it is to send, or those that come in.
public enum Qdisc: Hashable, Sendable {
  case root(RootQdisc)
  case ingress(IngressBlock)
}
