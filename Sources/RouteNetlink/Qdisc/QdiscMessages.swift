import CLinux
public import Linux
import Netlink

extension RouteBatch {
  /// Sets the root qdisc of a link: RTM_NEWQDISC with NLM_F_REPLACE. It replaces a qdisc of another kind. If the kind is the
  /// same, only the parameters change, and queued packets stay queued. The kernel answers ENOENT if it has no such qdisc.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func replace(_ qdisc: RootQdisc, linkName: String? = nil) {
    let link = LinkReference.text(index: qdisc.linkIndex, name: linkName)
    message(RTM_NEWQDISC, [.create, .replace], operation: "set root qdisc \(qdisc.kind.name) of \(link)") {
      $0.append(qdisc)
    }
  }

  /// Deletes the token bucket filter at the root of a link, which then has the default qdisc: RTM_DELQDISC. A root qdisc of
  /// another kind stays. It is not an error if there is no token bucket filter or no link.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func deleteTokenBucket(linkIndex: Int32, linkName: String? = nil) {
    let link = LinkReference.text(index: linkIndex, name: linkName)
    // EINVAL: the root qdisc is of another kind.
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice, .invalidArgument]
    message(RTM_DELQDISC, operation: "delete root qdisc tbf of \(link)", satisfiedBy: satisfied) { message in
      message.appendTrafficHeader(linkIndex: linkIndex, parent: TrafficHandle.root)
      message.attribute(TCA_KIND, TokenBucket.name)
    }
  }
}

extension RouteSocket {
  /// Returns the root and ingress qdiscs of all links, except the defaults that the kernel installed: an RTM_GETQDISC dump.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func qdiscs() throws(KernelError) -> [Qdisc] {
    try get(RTM_GETQDISC, dump: true, operation: "list qdiscs") { message in
      message.appendTrafficHeader(linkIndex: 0, parent: TrafficHandle.root)
    } decoding: { payload throws(DecodingFailure) in
      if let ingress = try IngressBlock(decoding: payload) { return .ingress(ingress) }
      return try RootQdisc(decoding: payload).map(Qdisc.root)
    }
  }
}

/// A qdisc of a link: for egress (root) or for ingress.
public enum Qdisc: Hashable, Sendable {
  /// The qdisc for egress packets.
  case root(RootQdisc)
  /// The qdisc for ingress packets.
  case ingress(IngressBlock)
}
