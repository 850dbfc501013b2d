import CLinux
import Glibc
import Linux

/// A socket to one of the kernel's netlink families: netlink(7). It goes on answering for the network namespace in
/// which it was made, whichever thread uses it.
///
/// Every exchange checks the sender (the kernel, port 0), the sequence number, truncation, and that a dump was not
/// interrupted by a change.
public struct NetlinkSocket: ~Copyable, Sendable {
  /// A netlink family.
  public enum Family: Sendable {
    /// NETLINK_ROUTE: links, addresses, routes, neighbours.
    case route
    /// NETLINK_NETFILTER: nf_tables, conntrack.
    case netfilter

    var protocolNumber: Int32 {
      switch self {
      case .route: NETLINK_ROUTE
      case .netfilter: NETLINK_NETFILTER
      }
    }
  }

  /// Room for the acks of a large batch; the kernel drops what does not fit and answers ENOBUFS.
  private static let receiveBufferBytes: Int32 = 4 << 20
  /// The kernel builds dump messages of up to 32 KiB; a read of less would be cut short.
  private static let readBytes = 64 << 10

  let descriptor: OwnedFileDescriptor
  private var sequence: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: Self.readBytes)

  public init(_ family: Family) throws(NetlinkError) {
    let result = clinux_netlink_open(family.protocolNumber, Self.receiveBufferBytes)
    do throws(SystemError) {
      descriptor = OwnedFileDescriptor(owning: try valueOrError(result, "open a netlink socket"))
    } catch {
      throw NetlinkError(error)
    }
  }

  /// The index of a link in the socket's network namespace; nil when there is none of that name. It is asked for by
  /// SIOCGIFINDEX, which every socket takes: one system call, where a message and its answer are two.
  public func linkIndex(named name: String) throws(NetlinkError) -> Int32? {
    let index = unsafe name.withCString { unsafe clinux_link_index(descriptor.rawValue, $0) }
    guard index < 0 else { return index }
    let errno = Errno(rawValue: -index)
    guard errno == .noSuchDevice else { throw NetlinkError(operation: "find link \(name)", errno: errno) }
    return nil
  }

  // MARK: Exchanges

  /// Sends all messages in one sendmsg(2) and waits for the answers to those that ask for one.
  ///
  /// The kernel carries out the messages in order and goes on past one that fails; each failure is returned, in the
  /// order of the answers. The last message must ask for an ack (NLM_F_ACK): it tells that all are done.
  /// - Throws: `NetlinkError` when the exchange itself failed: then nothing is known of the messages.
  public mutating func send(_ messages: consuming MessageBuffer) throws(NetlinkError) -> [NetlinkError] {
    var failures: [NetlinkError] = []
    let entries = messages.messages
    guard let last = entries.last else { return [] }
    let first = try transmit(&messages)
    let lastSequence = first &+ UInt32(entries.count - 1)
    precondition(last.flags.contains(.acknowledge), "the last message of a batch asks for an ack")

    var isDone = false
    while !isDone {
      try receive(operation: last.operation) { header, payload throws(DecodingFailure) in
        let index = Int(header.sequence &- first)
        guard index < entries.count, Int32(header.type) == NLMSG_ERROR else { return }
        let answer = try Acknowledgement(header: header, payload: payload)
        if let failure = answer.failure(of: entries[index], at: index, header) { failures.append(failure) }
        if header.sequence == lastSequence { isDone = true }
      }
    }
    return failures
  }

  /// Sends all messages and throws the first failure.
  public mutating func perform(_ messages: consuming MessageBuffer) throws(NetlinkError) {
    if let failure = try send(messages).first { throw failure }
  }

  /// Sends one request and hands each message of its answer to `body`: the replies of a dump (NLM_F_DUMP) or of a
  /// single get. A dump that was interrupted by a change starts again, after `restart`.
  public mutating func query(
    _ request: MessageBuffer, restart: () -> Void,
    _ body: (_ type: UInt16, _ payload: RawSpan) throws(DecodingFailure) -> Void
  ) throws(NetlinkError) {
    guard let entry = request.messages.first else { return }
    for _ in 0..<Self.dumpAttempts {
      if try queryOnce(request, entry, body) { return }
      restart()
    }
    throw NetlinkError(
      operation: entry.operation, errno: .interrupted,
      kernelMessage: "the dump was interrupted by changes \(Self.dumpAttempts) times in a row")
  }

  /// A dump of thousands of objects on a busy host is interrupted often; each try has a fair chance.
  private static let dumpAttempts = 64

  /// Returns false when the dump was interrupted.
  private mutating func queryOnce(
    _ request: MessageBuffer, _ entry: MessageBuffer.Entry,
    _ body: (_ type: UInt16, _ payload: RawSpan) throws(DecodingFailure) -> Void
  ) throws(NetlinkError) -> Bool {
    var messages = request
    let sequence = try transmit(&messages)
    let isDump = entry.flags.contains(.dump)
    var isDone = false
    var isConsistent = true
    var refusal: NetlinkError?
    var undecodable: DecodingFailure?
    while !isDone {
      try receive(operation: entry.operation) { header, payload throws(DecodingFailure) in
        guard header.sequence == sequence, !isDone else { return }
        if header.flags.contains(.dumpInterrupted) { isConsistent = false }
        switch Int32(header.type) {
        case NLMSG_ERROR, NLMSG_DONE:
          isDone = true
          // NLMSG_DONE carries a code too, where a dump broke off half-way.
          guard payload.byteCount >= 4 else { return }
          let answer =
            Int32(header.type) == NLMSG_ERROR
            ? try Acknowledgement(header: header, payload: payload) : try Acknowledgement(done: payload)
          if let errno = answer.errno {
            refusal = NetlinkError(
              operation: entry.operation, errno: errno, kernelMessage: answer.kernelMessage, offset: answer.offset,
              sequence: sequence)
          }
        default:
          // A dump is read to its end in any case: the kernel refuses the next one, EBUSY, while it is under way.
          if undecodable == nil {
            do throws(DecodingFailure) { try body(header.type, payload) } catch { undecodable = error }
          }
          // A get without NLM_F_ACK is answered by its one message.
          if !isDump && !entry.flags.contains(.acknowledge) { isDone = true }
        }
      }
    }
    if let undecodable { throw NetlinkError(operation: entry.operation, undecodable, sequence: sequence) }
    if let refusal {
      if refusal.errno == .interrupted { return false }
      throw refusal
    }
    return isConsistent
  }

  // MARK: Bytes

  /// Numbers and sends the messages; returns the first one's sequence number.
  mutating func transmit(_ messages: inout MessageBuffer) throws(NetlinkError) -> UInt32 {
    let operation = messages.messages.last?.operation ?? "send nothing"
    guard !messages.isOversized else {
      throw NetlinkError(
        operation: operation, errno: .messageTooLong, kernelMessage: "an attribute is longer than 65,535 bytes")
    }
    let first = sequence &+ 1
    sequence = sequence &+ UInt32(truncatingIfNeeded: messages.messages.count)
    messages.number(from: first)
    reserve(bytes: messages.bytes.count)
    let sent = unsafe messages.bytes.withUnsafeBytes {
      unsafe clinux_netlink_send(descriptor.rawValue, $0.baseAddress, $0.count)
    }
    guard sent >= 0 else { throw NetlinkError(operation: operation, errno: Errno(rawValue: -Int32(sent))) }
    return first
  }

  /// Reads one datagram and hands each message in it to `body`. Where there is none, waits for one, or throws EAGAIN.
  mutating func receive(
    waits: Bool = true, operation: String, _ body: (MessageHeader, RawSpan) throws(DecodingFailure) -> Void
  ) throws(NetlinkError) {
    var flags = waits ? 0 : Int32(MSG_DONTWAIT)
    var sender: UInt32 = 0
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe clinux_netlink_receive(descriptor.rawValue, $0.baseAddress, $0.count, &flags, &sender)
    }
    guard count >= 0 else { throw NetlinkError(operation: operation, errno: Errno(rawValue: -Int32(count))) }
    // Another process may send to our port; only the kernel is believed.
    guard sender == 0 else { return }
    guard flags & Int32(MSG_TRUNC) == 0 else {
      throw NetlinkError(operation: operation, DecodingFailure("an answer was longer than \(buffer.count) bytes"))
    }
    do throws(DecodingFailure) {
      try unsafe buffer.span.bytes.extracting(first: count).forEachMessage(body)
    } catch {
      throw NetlinkError(operation: operation, error)
    }
  }
}

extension RawSpan {
  /// Calls `body` with the header and the payload of each message of a datagram.
  func forEachMessage(
    _ body: (MessageHeader, RawSpan) throws(DecodingFailure) -> Void
  ) throws(DecodingFailure) {
    var offset = 0
    while offset + MessageHeader.size <= byteCount {
      let header = try MessageHeader(decoding: extracting(offset..<(offset + MessageHeader.size)))
      let length = Int(header.length)
      guard length >= MessageHeader.size, offset + length <= byteCount else {
        throw DecodingFailure("message \(header.type) says \(length) bytes, \(byteCount - offset) are left")
      }
      try body(header, extracting((offset + MessageHeader.size)..<(offset + length)))
      offset += (length + 3) & ~3
    }
  }
}
