public import Linux

/// A netlink exchange that failed.
public struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the message was to do: `create bridge svbr0`.
  public var operation: String
  /// The kernel's answer. Answers that break the protocol are EBADMSG.
  public var errno: Errno
  /// The kernel's own words: NLMSGERR_ATTR_MSG of the extended ack.
  public var kernelMessage: String?
  /// Where in the message the offending attribute stands, in bytes: NLMSGERR_ATTR_OFFS.
  public var offset: UInt32?
  /// The sequence number of the message.
  public var sequence: UInt32
  /// The place of the message in its batch, from 0.
  public var index: Int

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

  /// A failure of the socket itself rather than of a message.
  init(_ error: SystemError) { self.init(operation: error.operation, errno: error.errno) }

  /// An answer that breaks the protocol.
  public init(operation: String, _ failure: DecodingFailure, sequence: UInt32 = 0) {
    self.init(operation: operation, errno: .badMessage, kernelMessage: failure.description, sequence: sequence)
  }

  public var description: String {
    guard let kernelMessage else { return "\(operation): \(errno)" }
    return "\(operation): \(errno) (\(kernelMessage))"
  }
}
