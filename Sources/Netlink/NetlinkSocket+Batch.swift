import CLinux
public import Linux

extension NetlinkSocket {
  /// The kernel's answers to an nfnetlink batch.
  public struct BatchAnswers: Sendable {
    /// The failures, in the order of the kernel's answers. A failure with index 0, that of NFNL_MSG_BATCH_BEGIN, is one
    /// of the whole batch.
    public var failures: [KernelError]
    /// True if a message with NLM_F_ACK was acknowledged. Meaningless if the batch failed.
    public var isAcknowledged: Bool
  }

  /// Sends an nfnetlink batch, NFNL_MSG_BATCH_BEGIN to NFNL_MSG_BATCH_END, and returns all answers.
  ///
  /// The kernel processes a batch within sendmsg(2): when it returns, every answer is in the socket's receive queue. So
  /// the queue is drained instead of waited on: which answer comes last depends on the error (nfnetlink_rcv_batch in
  /// net/netfilter/nfnetlink.c).
  /// - Throws: `KernelError` if the exchange itself failed; ENOBUFS if the receive queue could not hold all answers.
  public mutating func sendBatch(_ messages: consuming MessageBuffer) throws(KernelError) -> BatchAnswers {
    let entries = messages.messages
    let operation = entries.first?.operation ?? ""
    var answers = BatchAnswers(failures: [], isAcknowledged: false)
    var overrun: KernelError?
    let first = try transmit(&messages)
    while true {
      do throws(KernelError) {
        try receive(waits: false, operation: operation) { header, payload throws(DecodingFailure) in
          let index = Int(header.sequence &- first)
          guard index < entries.count, Int32(header.type) == NLMSG_ERROR else { return }
          let answer = try Acknowledgement(header: header, payload: payload)
          if let failure = answer.failure(of: entries[index], at: index, header) {
            answers.failures.append(failure)
          } else {
            answers.isAcknowledged = true
          }
        }
      } catch {
        switch error.errno {
        case .noBufferSpace where overrun == nil: overrun = error  // The kernel dropped some answers, not all.
        case .again:
          // A failure that was received says more than ENOBUFS.
          if let overrun, answers.failures.isEmpty { throw overrun }
          return answers
        default: throw error
        }
      }
    }
  }

  /// Enlarges the send buffer for a large batch. The default, and so the largest message, is net.core.wmem_default,
  /// commonly 208 KiB. If the buffer cannot grow, the send fails with EMSGSIZE.
  func reserve(bytes count: Int) {
    if count > 32 << 10 { _ = clinux_netlink_reserve_send(descriptor.rawValue, count) }
  }
}
