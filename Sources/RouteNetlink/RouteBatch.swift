import Linux
import Netlink

/// Changes for rtnetlink(7), in the order in which the kernel is to make them. They go out in one sendmsg(2), or in as
/// few as the socket's send buffer allows.
///
/// A batch is no transaction: the kernel goes on past a change that fails. So a change that follows the creation of a
/// link and names it would, where the name was taken, be made to the link that was there before: see `NewLink.index`.
public struct RouteBatch: Sendable {
  /// One sendmsg(2) each. Never empty, except that the only one may be.
  private(set) var buffers = [MessageBuffer()]
  /// For each message, the answers that mean what it asks for is so already.
  private(set) var satisfied: [[Errno]] = []

  /// A socket's send buffer takes 208 KiB unless the host's administrator chose less; a datagram over it is EMSGSIZE.
  private static let datagramBytes = 64 << 10

  public init() {}

  public var isEmpty: Bool { satisfied.isEmpty }

  /// The number of messages; a change may be more than one.
  public var count: Int { satisfied.count }

  /// What each message does, in words: `create bridge svbr0`.
  public var operations: [String] { buffers.flatMap { $0.messages.map(\.operation) } }

  /// The datagrams as they are sent, each with its number of messages, of which only the last asks for an ack.
  package var datagrams: [(bytes: [UInt8], count: Int)] {
    buffers.filter { !$0.messages.isEmpty }.map { buffer in
      var buffer = buffer
      buffer.acknowledgeLast()
      return (buffer.bytes, buffer.messages.count)
    }
  }

  /// Adds one RTM_ message.
  /// - Parameter satisfied: Answers of the kernel that mean the message's aim is reached: ENODEV for a deletion.
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
