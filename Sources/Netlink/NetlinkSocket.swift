import CLinux
import Glibc
public import Linux

/// A netlink socket: netlink(7). It stays in the network namespace in which it was opened, whichever thread uses it.
///
/// Every exchange checks the sender (the kernel, port 0), the sequence number and truncation, and that no change
/// interrupted a dump.
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

  /// Room for the acks of a large batch, in bytes. The kernel drops what does not fit and answers ENOBUFS.
  private static let receiveBufferBytes: Int32 = 4 << 20
  /// The kernel builds dump messages of up to 32 KiB; a shorter read would truncate them.
  private static let readBytes = 64 << 10

  let descriptor: OwnedFileDescriptor
  private var sequence: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: Self.readBytes)

  /// Opens a socket in the network namespace of the calling thread.
  /// - Throws: `KernelError` with the errno of socket(2) or bind(2): EPROTONOSUPPORT if the kernel lacks the family.
  public init(_ family: Family) throws(KernelError) {
    let result = clinux_netlink_open(family.protocolNumber, Self.receiveBufferBytes)
    descriptor = OwnedFileDescriptor(owning: try valueOrError(result, "open a netlink socket"))
  }

  /// Returns the index of a link in the socket's network namespace; nil if there is no link of that name.
  ///
  /// This uses SIOCGIFINDEX, which every kind of socket accepts: one system call, where netlink needs two.
  /// - Throws: `KernelError`: ENAMETOOLONG for a name of 16 bytes or more, or another errno of ioctl(2) than ENODEV.
  public func linkIndex(named name: String) throws(KernelError) -> Int32? {
    let index = unsafe name.withCString { unsafe clinux_link_index(descriptor.rawValue, $0) }
    guard index < 0 else { return index }
    let errno = Errno(rawValue: -index)
    guard errno == .noSuchDevice else { throw KernelError(operation: "find link \(name)", errno: errno) }
    return nil
  }

  /// Returns the first six bytes of a link's hardware address, as `linkIndex(named:)` finds the link: SIOCGIFHWADDR.
  /// - Throws: `KernelError`: ENAMETOOLONG for a name of 16 bytes or more, or another errno of ioctl(2) than ENODEV.
  public func hardwareAddress(ofLinkNamed name: String) throws(KernelError) -> [UInt8]? {
    var address = [UInt8](repeating: 0, count: 6)
    let result = unsafe name.withCString { unsafe clinux_link_address(descriptor.rawValue, $0, &address) }
    guard result < 0 else { return address }
    let errno = Errno(rawValue: -result)
    guard errno == .noSuchDevice else { throw KernelError(operation: "find link \(name)", errno: errno) }
    return nil
  }

  // MARK: Exchanges

  /// Sends all messages in one sendmsg(2) and waits for the acks.
  ///
  /// The kernel carries out the messages in order and continues after one that fails. All failures are returned, in the
  /// order of the answers. The last message must have NLM_F_ACK: its answer means that all are done.
  /// - Throws: `KernelError` if the exchange itself failed. Then the outcome of the messages is unknown.
  public mutating func send(_ messages: consuming MessageBuffer) throws(KernelError) -> [KernelError] {
    var failures: [KernelError] = []
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

  /// Sends all messages, as `send` does.
  /// - Throws: `KernelError`: the first failure, or that of the exchange.
  public mutating func perform(_ messages: consuming MessageBuffer) throws(KernelError) {
    if let failure = try send(messages).first { throw failure }
  }

  /// Sends one request and calls `body` with each message of the answer: the messages of a dump (NLM_F_DUMP) or that of
  /// a single get. If a change interrupts a dump, this calls `restart` and dumps again.
  /// - Throws: `KernelError`: the kernel's refusal; EBADMSG if `body` cannot decode a message; EINTR if changes
  ///   interrupt every attempt.
  public mutating func query(
    _ request: MessageBuffer, restart: () -> Void,
    _ body: (_ type: UInt16, _ payload: RawSpan) throws(DecodingFailure) -> Void
  ) throws(KernelError) {
    guard let entry = request.messages.first else { return }
    for _ in 0..<Self.dumpAttempts {
      if try queryOnce(request, entry, body) { return }
      restart()
    }
    throw KernelError(
      operation: entry.operation, errno: .interrupted,
      kernelMessage: "changes interrupted the dump \(Self.dumpAttempts) times in a row")
  }

  /// On a busy host, changes often interrupt a dump of thousands of objects. Each attempt has a fair chance.
  private static let dumpAttempts = 64

  /// Returns false if a change interrupted the dump.
  private mutating func queryOnce(
    _ request: MessageBuffer, _ entry: MessageBuffer.Entry,
    _ body: (_ type: UInt16, _ payload: RawSpan) throws(DecodingFailure) -> Void
  ) throws(KernelError) -> Bool {
    var messages = request
    let sequence = try transmit(&messages)
    let isDump = entry.flags.contains(.dump)
    var isDone = false
    var isConsistent = true
    var refusal: KernelError?
    var undecodable: DecodingFailure?
    while !isDone {
      try receive(operation: entry.operation) { header, payload throws(DecodingFailure) in
        guard header.sequence == sequence, !isDone else { return }
        if header.flags.contains(.dumpInterrupted) { isConsistent = false }
        switch Int32(header.type) {
        case NLMSG_ERROR, NLMSG_DONE:
          isDone = true
          // NLMSG_DONE carries an error code if the dump broke off.
          guard payload.byteCount >= 4 else { return }
          let answer =
            Int32(header.type) == NLMSG_ERROR
            ? try Acknowledgement(header: header, payload: payload) : try Acknowledgement(done: payload)
          if let errno = answer.errno {
            refusal = KernelError(
              operation: entry.operation, errno: errno, kernelMessage: answer.kernelMessage, offset: answer.offset,
              sequence: sequence)
          }
        default:
          // Read the dump to its end even after a failure: until then, the kernel refuses another dump with EBUSY.
          if undecodable == nil {
            do throws(DecodingFailure) { try body(header.type, payload) } catch { undecodable = error }
          }
          // The answer to a get without NLM_F_ACK is a single message.
          if !isDump && !entry.flags.contains(.acknowledge) { isDone = true }
        }
      }
    }
    if let undecodable { throw KernelError(operation: entry.operation, undecodable, sequence: sequence) }
    if let refusal {
      if refusal.errno == .interrupted { return false }
      throw refusal
    }
    return isConsistent
  }

  // MARK: Bytes

  /// Numbers and sends the messages. Returns the sequence number of the first.
  mutating func transmit(_ messages: inout MessageBuffer) throws(KernelError) -> UInt32 {
    let operation = messages.messages.last?.operation ?? "send nothing"
    guard !messages.isOversized else {
      throw KernelError(
        operation: operation, errno: .messageTooLong, kernelMessage: "an attribute is longer than 65,535 bytes")
    }
    let first = sequence &+ 1
    sequence = sequence &+ UInt32(truncatingIfNeeded: messages.messages.count)
    messages.number(from: first)
    reserve(bytes: messages.bytes.count)
    let sent = unsafe messages.bytes.withUnsafeBytes {
      unsafe clinux_netlink_send(descriptor.rawValue, $0.baseAddress, $0.count)
    }
    guard sent >= 0 else { throw KernelError(operation: operation, errno: Errno(rawValue: -Int32(sent))) }
    return first
  }

  /// Reads one datagram and calls `body` with each message in it. If the queue is empty, waits or throws EAGAIN.
  mutating func receive(
    waits: Bool = true, operation: String, _ body: (MessageHeader, RawSpan) throws(DecodingFailure) -> Void
  ) throws(KernelError) {
    var flags = waits ? 0 : Int32(MSG_DONTWAIT)
    var sender: UInt32 = 0
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe clinux_netlink_receive(descriptor.rawValue, $0.baseAddress, $0.count, &flags, &sender)
    }
    guard count >= 0 else { throw KernelError(operation: operation, errno: Errno(rawValue: -Int32(count))) }
    // Other processes can send to this port: ignore every sender but the kernel.
    guard sender == 0 else { return }
    guard flags & Int32(MSG_TRUNC) == 0 else {
      throw KernelError(operation: operation, DecodingFailure("an answer is longer than \(buffer.count) bytes"))
    }
    do throws(DecodingFailure) {
      try unsafe buffer.span.bytes.extracting(first: count).forEachMessage(body)
    } catch {
      throw KernelError(operation: operation, error)
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
        throw DecodingFailure(
          "message \(header.type) has length \(length), but only \(byteCount - offset) bytes are left")
      }
      try body(header, extracting((offset + MessageHeader.size)..<(offset + length)))
      offset += (length + 3) & ~3
    }
  }
}
