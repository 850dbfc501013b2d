import Linux
import Netlink

/// Changes for rtnetlink(7), in the order in which the kernel makes them. They are sent in one sendmsg(2), or in as few as
/// the socket's send buffer allows.
///
/// A batch is not a transaction: the kernel continues after a change that fails. Suppose a batch creates a link and then
/// changes it by name. If the name is taken, the change hits the existing link: see `NewLink.index`.
public struct RouteBatch: Sendable {
  /// One buffer for each sendmsg(2). Only a sole buffer can be empty.
  private(set) var buffers = [MessageBuffer()]
  /// For each message, the errors that mean that its goal is already reached.
  private(set) var satisfied: [[Errno]] = []

  /// The most bytes sent at once. A socket's send buffer is 208 KiB unless net.core.wmem_default is lower; a larger
  /// datagram fails with EMSGSIZE.
  private static let datagramBytes = 64 << 10

  /// An empty batch.
  public init() {}

  /// True if the batch has no messages.
  public var isEmpty: Bool { satisfied.isEmpty }

  /// The number of messages; a change may take more than one.
  public var count: Int { satisfied.count }

  /// What each message does: `create bridge svbr0`.
  public var operations: [String] { buffers.flatMap { $0.messages.map(\.operation) } }

  /// The datagrams as they are sent, each with its number of messages. Only the last message of a datagram has NLM_F_ACK.
  package var datagrams: [(bytes: [UInt8], count: Int)] {
    buffers.filter { !$0.messages.isEmpty }.map { buffer in
      var buffer = buffer
      buffer.acknowledgeLast()
      return (buffer.bytes, buffer.messages.count)
    }
  }

  /// Appends one RTM_ message.
  /// - Parameter satisfied: The errors that mean that the message's goal is already reached: ENODEV for a deletion.
  mutating func message(
    _ type: Int, _ flags: MessageFlags = [], operation: String, satisfiedBy satisfied: [Errno] = [],
    _ body: (inout MessageBuffer) -> Void
  ) {
    if buffers[buffers.count - 1].bytes.count >= Self.datagramBytes { buffers.append(MessageBuffer()) }
    buffers[buffers.count - 1].message(
      UInt16(truncatingIfNeeded: type), flags.union(.request), operation: operation, body)
    self.satisfied.append(satisfied)
  }
}
