import CLinux
import Linux

extension NetlinkSocket {
  /// What the kernel said to a batch of nfnetlink.
  public struct BatchAnswers: Sendable {
    /// In the order in which the kernel reports them. One with index 0, that of NFNL_MSG_BATCH_BEGIN, is of the batch
    /// as a whole.
    public var failures: [NetlinkError]
    /// Whether a message that asked for an ack was carried out. In a batch that failed that says nothing.
    public var isAcknowledged: Bool
  }

  /// Sends a batch of nfnetlink, NFNL_MSG_BATCH_BEGIN to NFNL_MSG_BATCH_END, and returns all answers to it.
  ///
  /// The kernel works a batch off within sendmsg(2): by the time that returns, every answer is in the socket's queue.
  /// So they are taken out until none is left, rather than waited for: which one comes last depends on what went wrong
  /// (nfnetlink_rcv_batch in net/netfilter/nfnetlink.c).
  /// - Throws: `NetlinkError` when the exchange itself failed; ENOBUFS when there were more answers than the queue holds.
  public mutating func sendBatch(_ messages: consuming MessageBuffer) throws(NetlinkError) -> BatchAnswers {
    let entries = messages.messages
    let operation = entries.first?.operation ?? ""
    var answers = BatchAnswers(failures: [], isAcknowledged: false)
    var overrun: NetlinkError?
    let first = try transmit(&messages)
    while true {
      do throws(NetlinkError) {
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
        case .noBufferSpace: overrun = error  // Some answers were dropped; the others are still there.
        case .again:
          // A failure that was kept tells more than that others were lost.
          if let overrun, answers.failures.isEmpty { throw overrun }
          return answers
        default: throw error
        }
      }
    }
  }

  /// The largest message a socket takes unasked is net.core.wmem_default, commonly 208 KiB. Where the buffer cannot
  /// grow, the send will say EMSGSIZE.
  func reserve(bytes count: Int) {
    if count > 32 << 10 { _ = clinux_netlink_reserve_send(descriptor.rawValue, count) }
  }
}
