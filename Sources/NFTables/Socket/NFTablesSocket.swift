import CLinux
import Linux
public import Netlink

/// A socket to nf_tables. It goes on answering for the network namespace in which it was made, whichever thread uses it.
public struct NFTablesSocket: ~Copyable, Sendable {
  var socket: NetlinkSocket

  public init() throws(NetlinkError) {
    socket = try NetlinkSocket(.netfilter)
  }

  /// The number of the ruleset's generation; every change of any table makes it another: NFT_MSG_GETGEN.
  public mutating func generation() throws(NetlinkError) -> UInt32 {
    var request = MessageBuffer()
    request.message(.getGeneration, [], nil, operation: "read the ruleset's generation") { _ in }
    var generation: UInt32?
    try socket.query(request, restart: { generation = nil }) { _, payload throws(DecodingFailure) in
      try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
        if type == NFTA_GEN_ID.attribute { generation = try value.bigEndian() }
      }
    }
    guard let generation else {
      throw NetlinkError(operation: "read the ruleset's generation", DecodingFailure("an answer without it"))
    }
    return generation
  }

  /// Carries out all operations of a transaction, or, when one fails, none.
  /// - Throws: `NetlinkError` with the operation that failed, the first where several did: ERESTART (`.restart`) when
  ///   the ruleset is of another generation than the transaction says, ENOENT, EEXIST, EBUSY and EINVAL as the kernel
  ///   finds the operation; EPERM without CAP_NET_ADMIN. EINVAL for what `Transaction.validate()` finds.
  public mutating func apply(_ transaction: Transaction) throws(NetlinkError) {
    guard !transaction.isEmpty else { return }
    do throws(InvalidOperation) {
      try transaction.validate()
    } catch {
      throw NetlinkError(operation: error.operation, errno: .invalidArgument, kernelMessage: error.reason)
    }
    let batch = Batch(transaction)
    let answers = try socket.sendBatch(batch.messages)
    if let failure = answers.failures.first { throw batch.explain(failure) }
    guard answers.isAcknowledged else {
      throw NetlinkError(operation: "change the ruleset", errno: .ioError, kernelMessage: "the kernel gave no answer")
    }
  }
}
