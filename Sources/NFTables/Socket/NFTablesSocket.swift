import CLinux
public import Linux
import Netlink

/// An nf_tables socket. It stays in the network namespace in which it was opened, whichever thread uses it.
public struct NFTablesSocket: ~Copyable, Sendable {
  var socket: NetlinkSocket

  /// Opens a socket in the network namespace of the calling thread.
  /// - Throws: `KernelError` with the errno of socket(2) or bind(2): EPROTONOSUPPORT if the kernel has no nfnetlink.
  public init() throws(KernelError) {
    socket = try NetlinkSocket(.netfilter)
  }

  /// Returns the generation of the ruleset, NFTA_GEN_ID: NFT_MSG_GETGEN. Every change of any table changes it.
  /// - Throws: `KernelError`: EPERM without CAP_NET_ADMIN; EBADMSG for a malformed answer.
  public mutating func generation() throws(KernelError) -> UInt32 {
    var request = MessageBuffer()
    request.message(.getGeneration, [], nil, operation: "read the ruleset's generation") { _ in }
    var generation: UInt32?
    try socket.query(request, restart: { generation = nil }) { _, payload throws(DecodingFailure) in
      try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
        if type == NFTA_GEN_ID.attribute { generation = try value.bigEndian() }
      }
    }
    guard let generation else {
      throw KernelError(operation: "read the ruleset's generation", DecodingFailure("an answer without NFTA_GEN_ID"))
    }
    return generation
  }

  /// Applies all operations of a transaction, or, if one fails, none.
  /// - Throws: `KernelError` with the operation that failed, the first if several did: ERESTART (`.restart`) if the
  ///   ruleset has another generation than the transaction; ENOENT, EEXIST, EBUSY or EINVAL if the kernel refuses an
  ///   operation; EPERM without CAP_NET_ADMIN; EINVAL for an error that `Transaction.validate()` finds; EIO if the kernel
  ///   does not acknowledge the batch.
  public mutating func apply(_ transaction: Transaction) throws(KernelError) {
    guard !transaction.isEmpty else { return }
    try transaction.validate()
    let batch = Batch(transaction)
    let answers = try socket.sendBatch(batch.messages)
    if let failure = answers.failures.first { throw batch.explain(failure) }
    guard answers.isAcknowledged else {
      throw KernelError(
        operation: "change the ruleset", errno: .ioError, kernelMessage: "the kernel did not acknowledge the batch")
    }
  }
}
