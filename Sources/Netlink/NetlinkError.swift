public import Linux

/// A failed netlink exchange.
public struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the message does: `create bridge svbr0`.
  public var operation: String
  /// The kernel's error. EBADMSG if the kernel's answer breaks the protocol.
  public var errno: Errno
  /// The kernel's error text: NLMSGERR_ATTR_MSG of the extended ack.
  public var kernelMessage: String?
  /// The offset of the offending attribute in the message, in bytes: NLMSGERR_ATTR_OFFS.
  public var offset: UInt32?
  /// The sequence number of the message.
  public var sequence: UInt32
  /// The index of the message in its batch, from 0.
  public var index: Int

  /// A failed message.
  public init(
    operation: String, errno: Errno, kernelMessage: String? = nil, offset: UInt32? = nil, sequence: UInt32 = 0,
    index: Int = 0
  ) {
    self.operation = operation
    self.errno = errno
    self.kernelMessage = kernelMessage
    self.offset = offset
    self.sequence = sequence
    self.index = index
  }

  /// A failure of the socket, not of a message.
  init(_ error: SystemError) { self.init(operation: error.operation, errno: error.errno) }

  /// An answer that breaks the protocol: EBADMSG.
  public init(operation: String, _ failure: DecodingFailure, sequence: UInt32 = 0) {
    self.init(operation: operation, errno: .badMessage, kernelMessage: failure.description, sequence: sequence)
  }

  /// The operation, the error and the kernel's text: `create bridge svbr0: EEXIST: File exists (…)`.
  public var description: String {
    guard let kernelMessage else { return "\(operation): \(errno)" }
    return "\(operation): \(errno) (\(kernelMessage))"
  }
}
