import CLinux
import Linux
public import Netlink

extension NFTablesSocket {
  /// Whether the kernel knows NFT_MSG_DESTROYSETELEM, that is, whether a transaction may destroy elements: since
  /// Linux 6.3. Asks with a batch that fails either way, so nothing is changed.
  /// - Throws: `NetlinkError` with EPERM without CAP_NET_ADMIN.
  public mutating func supportsDestroy() throws(NetlinkError) -> Bool {
    var messages = MessageBuffer()
    messages.batchBoundary(NFNL_MSG_BATCH_BEGIN)
    messages.message(.destroyElement, .acknowledge, .inet, operation: "destroy an element of no table") {
      // No table can have the empty name.
      $0.put(NFTA_SET_ELEM_LIST_TABLE, "")
      $0.put(NFTA_SET_ELEM_LIST_SET, "")
    }
    messages.batchBoundary(NFNL_MSG_BATCH_END)
    let answers = try socket.sendBatch(messages)
    guard let failure = answers.failures.first else {
      throw NetlinkError(operation: "destroy an element of no table", errno: .ioError)
    }
    switch failure.errno {
    // It looked for the table.
    case .noSuchFile: return true
    // It does not know the message.
    case .invalidArgument: return false
    default: throw failure
    }
  }
}
