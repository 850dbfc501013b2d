import Netlink

/// `struct tcmsg`, which disciplines and filters begin with.
enum TrafficHandle {
  /// TC_H_INGRESS, and TC_H_CLSACT, as `tcm_parent`.
  static let ingress: UInt32 = 0xffff_fff1
  /// The discipline `clsact`, as `tcm_handle`.
  static let clsact: UInt32 = 0xffff_0000
  /// TC_H_ROOT, as `tcm_parent`.
  static let root: UInt32 = .max
  /// TCM_IFINDEX_MAGIC_BLOCK, as `tcm_ifindex`: then `tcm_parent` is a block's number.
  static let blockIndex: Int32 = -1
  static let headerSize = 20
}

extension MessageBuffer {
  /// `struct tcmsg`.
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
