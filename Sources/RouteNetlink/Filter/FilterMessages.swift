import CLinux
public import Linux
import Netlink

extension RouteBatch {
  /// Adds a `clsact` qdisc to a link: RTM_NEWQDISC. The block's filters then run for all ingress packets of the link. If the
  /// block does not exist, the kernel creates it without filters. The kernel answers ENOENT if it has no `clsact`
  /// (CONFIG_NET_SCH_INGRESS).
  ///
  /// If the link has such a qdisc, nothing changes, and that is not an error: its block cannot be replaced.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func add(_ ingress: IngressBlock, linkName: String? = nil) {
    let link = LinkReference.text(index: ingress.linkIndex, name: linkName)
    message(
      RTM_NEWQDISC, [.create, .exclusive], operation: "add clsact qdisc to \(link)", satisfiedBy: [.fileExists]
    ) { message in
      message.appendTrafficHeader(
        linkIndex: ingress.linkIndex, handle: TrafficHandle.clsact, parent: TrafficHandle.ingress)
      message.attribute(TCA_KIND, IngressBlock.kind)
      if let number = ingress.number { message.attribute(TCA_INGRESS_BLOCK, number) }
    }
  }

  /// Deletes the `clsact` qdisc of a link: RTM_DELQDISC. No filter runs for its ingress packets any more. It is not an error
  /// if there is no such qdisc.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func deleteIngress(linkIndex: Int32, linkName: String? = nil) {
    let link = LinkReference.text(index: linkIndex, name: linkName)
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice, .invalidArgument]
    message(RTM_DELQDISC, operation: "delete clsact qdisc of \(link)", satisfiedBy: satisfied) { message in
      message.appendTrafficHeader(linkIndex: linkIndex, handle: TrafficHandle.clsact, parent: TrafficHandle.ingress)
    }
  }

  /// Adds a filter to a block, or replaces the one with the same priority and handle: RTM_NEWTFILTER. The kernel answers
  /// EINVAL if no link has the block.
  /// - Parameter program: The fd of a BPF_PROG_TYPE_SCHED_CLS program. The kernel keeps a reference to the program.
  public mutating func replace(_ filter: BlockFilter, program: Int32) {
    message(
      RTM_NEWTFILTER, [.create, .replace], operation: "set filter \(filter.name) of block \(filter.block)"
    ) { message in
      message.appendTrafficHeader(
        linkIndex: TrafficHandle.blockIndex, handle: filter.handle, parent: filter.block, info: filter.info)
      message.attribute(TCA_KIND, BlockFilter.kind)
      message.open(TCA_OPTIONS) { options in
        options.attribute(TCA_BPF_FD, UInt32(bitPattern: program))
        options.attribute(TCA_BPF_NAME, filter.name)
        options.attribute(TCA_BPF_FLAGS, UInt32(TCA_BPF_FLAG_ACT_DIRECT))
      }
    }
  }
}

extension RouteSocket {
  /// Returns the BPF filters of a block: an RTM_GETTFILTER dump. There are none if no link has the block.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func filters(ofBlock block: UInt32) throws(KernelError) -> [BlockFilter] {
    try get(RTM_GETTFILTER, dump: true, operation: "list the filters of block \(block)") { message in
      message.appendTrafficHeader(linkIndex: TrafficHandle.blockIndex, parent: block)
    } decoding: { payload throws(DecodingFailure) in
      try BlockFilter(decoding: payload)
    }
  }
}
