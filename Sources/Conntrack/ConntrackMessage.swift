import CLinux
import Netlink

/// `struct nfgenmsg`: the four-byte header between nlmsghdr and the attributes of an nfnetlink message.
enum NetfilterHeader {
  static let size = 4
}

extension MessageBuffer {
  /// Appends one ctnetlink message.
  /// - Parameter family: AF_INET, AF_INET6, or AF_UNSPEC for both.
  mutating func conntrackMessage(
    _ type: cntl_msg_types, _ flags: MessageFlags = [], family: Int32, operation: String,
    _ attributes: (inout MessageBuffer) -> Void = { _ in }
  ) {
    let type = UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(truncatingIfNeeded: type.rawValue)
    message(type, flags.union(.request), operation: operation) { message in
      message.append(UInt8(truncatingIfNeeded: family))
      message.append(UInt8(NFNETLINK_V0))
      message.append(UInt16(0))  // res_id
      attributes(&message)
    }
  }

  /// Appends a request for all entries: an IPCTNL_MSG_CT_GET dump.
  mutating func listConntrack(family: Int32) {
    conntrackMessage(IPCTNL_MSG_CT_GET, .dump, family: family, operation: "list connections")
  }
}
