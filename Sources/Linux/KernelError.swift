/// A system call or a netlink message that the kernel refused.
public struct KernelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, in the kernel's terms: `open /dev/net/tun`, `create bridge svbr0`.
  public var operation: String
  /// The kernel's error. EBADMSG if the kernel's answer breaks the protocol.
  public var errno: Errno
  /// The kernel's text, of netlink's extended ack (NLMSGERR_ATTR_MSG); nil if it gave none.
  public var kernelMessage: String?
  /// The offset of the offending attribute in the netlink message, in bytes (NLMSGERR_ATTR_OFFS).
  public var offset: UInt32?
  /// The sequence number of the netlink message; 0 for a system call.
  public var sequence: UInt32
  /// The index of the netlink message in its batch, from 0.
  public var index: Int

  /// A failed system call.
  public init(_ operation: String, _ errno: Errno) { self.init(operation: operation, errno: errno) }

  /// A failed netlink message.
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

  /// `open /dev/net/tun: EACCES: Permission denied`, with the kernel's text in parentheses.
  public var description: String {
    guard let kernelMessage else { return "\(operation): \(errno)" }
    return "\(operation): \(errno) (\(kernelMessage))"
  }
}
