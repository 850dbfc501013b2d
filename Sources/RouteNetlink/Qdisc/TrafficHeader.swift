import Netlink

/// Values of `struct tcmsg`, the header of qdisc and filter messages.
enum TrafficHandle {
  /// TC_H_INGRESS and TC_H_CLSACT, for `tcm_parent`.
  static let ingress: UInt32 = 0xffff_fff1
  /// The handle of the `clsact` qdisc, for `tcm_handle`.
  static let clsact: UInt32 = 0xffff_0000
  /// TC_H_ROOT, for `tcm_parent`.
  static let root: UInt32 = .max
  /// TCM_IFINDEX_MAGIC_BLOCK, for `tcm_ifindex`: then `tcm_parent` is the index of a block.
  static let blockIndex: Int32 = -1
  static let headerSize = 20
}

extension MessageBuffer {
  /// Appends a `struct tcmsg`.
  mutating func appendTrafficHeader(
    linkIndex: Int32, handle: UInt32 = 0, parent: UInt32, info: UInt32 = 0
  ) {
    append(UInt32(0))
    append(linkIndex)
    append(handle)
    append(parent)
    append(info)
  }
}
