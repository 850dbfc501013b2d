import CLinux
public import Linux
import Netlink

extension NFTablesSocket {
  /// Returns true if the kernel knows NFT_MSG_DESTROYSETELEM (Linux 6.3), so that a transaction may destroy elements. This
  /// sends a batch that fails either way, so nothing changes.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EIO if the batch does not fail.
  public mutating func supportsDestroy() throws(KernelError) -> Bool {
    var messages = MessageBuffer()
    messages.batchBoundary(NFNL_MSG_BATCH_BEGIN)
    messages.message(.destroyElement, .acknowledge, .inet, operation: "destroy an element of no table") {
      // No table can have an empty name.
      $0.put(NFTA_SET_ELEM_LIST_TABLE, "")
      $0.put(NFTA_SET_ELEM_LIST_SET, "")
    }
    messages.batchBoundary(NFNL_MSG_BATCH_END)
    let answers = try socket.sendBatch(messages)
    guard let failure = answers.failures.first else {
      throw KernelError(operation: "destroy an element of no table", errno: .ioError)
    }
    switch failure.errno {
    // The kernel looked up the table.
    case .noSuchFile: return true
    // The kernel does not know the message.
    case .invalidArgument: return false
    default: throw failure
    }
  }
}
