import CLinux
import Linux
public import Netlink

extension RouteBatch {
  /// Has a block's filters look at all that comes in by a link. A block that is not there yet is made, without filters.
  /// RTM_NEWQDISC of kind `clsact`. ENOENT where the kernel has none (CONFIG_NET_SCH_INGRESS).
  ///
  /// That the link has such a discipline already is no failure, and changes nothing: its block cannot be exchanged.
  /// - Parameter linkName: The link's name, for the words of errors.
  public mutating func add(_ ingress: IngressBlock, linkName: String? = nil) {
    let link = LinkReference.words(index: ingress.linkIndex, name: linkName)
    message(
      RTM_NEWQDISC, [.create, .exclusive], operation: "filter what comes in by \(link)", satisfiedBy: [.fileExists]
    ) { message in
      message.appendTrafficHeader(
        linkIndex: ingress.linkIndex, handle: TrafficHandle.clsact, parent: TrafficHandle.ingress)
      message.attribute(TCA_KIND, IngressBlock.kind)
      if let number = ingress.number { message.attribute(TCA_INGRESS_BLOCK, number) }
    }
  }

  /// Has no filter look at what comes in by a link any more: RTM_DELQDISC. That there is none is no failure.
  public mutating func deleteIngress(linkIndex: Int32, linkName: String? = nil) {
    let link = LinkReference.words(index: linkIndex, name: linkName)
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice, .invalidArgument]
    message(RTM_DELQDISC, operation: "filter no more what comes in by \(link)", satisfiedBy: satisfied) { message in
      message.appendTrafficHeader(linkIndex: linkIndex, handle: TrafficHandle.clsact, parent: TrafficHandle.ingress)
    }
  }

  /// Puts a filter into a block, in the place of the one with its priority and handle: RTM_NEWTFILTER. EINVAL when no link
  /// has the block.
  /// - Parameter program: The descriptor of a program of type BPF_PROG_TYPE_SCHED_CLS, which the kernel keeps.
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
  /// The BPF filters of a block; none where no link has it. An RTM_GETTFILTER dump.
  public mutating func filters(ofBlock block: UInt32) throws(NetlinkError) -> [BlockFilter] {
    try get(RTM_GETTFILTER, dump: true, operation: "list the filters of block \(block)") { message in
      message.appendTrafficHeader(linkIndex: TrafficHandle.blockIndex, parent: block)
    } decoding: { payload throws(DecodingFailure) in
      try BlockFilter(decoding: payload)
    }
  }
}
