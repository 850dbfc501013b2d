import CLinux
import Netlink

/// `struct nfgenmsg`: the four bytes before the attributes of a message to or from nfnetlink.
enum NetfilterHeader {
  static let size = 4
}

extension MessageBuffer {
  /// Adds one message to ctnetlink.
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

  /// Asks for all entries: an IPCTNL_MSG_CT_GET dump.
  mutating func listConntrack(family: Int32) {
    conntrackMessage(IPCTNL_MSG_CT_GET, .dump, family: family, operation: "list connections")
  }
}
