public import Linux
public import NetTypes
import Netlink

/// An rtnetlink(7) socket: the links, addresses, routes, neighbour entries and qdiscs of the network namespace in which it
/// was opened.
public struct RouteSocket: ~Copyable, Sendable {
  private var socket: NetlinkSocket

  /// Opens a socket in the network namespace of the calling thread.
  /// - Throws: `KernelError` with the errno of socket(2) or bind(2).
  public init() throws(KernelError) { socket = try NetlinkSocket(.route) }

  /// Returns the index of a link; nil if there is no link of that name. Cheaper than `link(named:)`.
  /// - Throws: `KernelError` of ioctl(2) with SIOCGIFINDEX, except ENODEV.
  public func linkIndex(named name: InterfaceName) throws(KernelError) -> Int32? {
    try socket.linkIndex(named: name.rawValue)
  }

  /// Returns the MAC of an Ethernet link; nil if there is no link of that name. Cheaper than `link(named:)`.
  /// - Throws: `KernelError` of ioctl(2) with SIOCGIFHWADDR, except ENODEV.
  public func macAddress(ofLinkNamed name: InterfaceName) throws(KernelError) -> MACAddress? {
    try socket.hardwareAddress(ofLinkNamed: name.rawValue).flatMap { MACAddress(bytes: $0) }
  }

  /// Makes all changes and returns the failures, in order.
  ///
  /// The kernel continues after a change that fails. Deleting something that does not exist is not an error.
  /// - Throws: `KernelError` if the exchange itself failed. Then the outcome of the changes is unknown.
  public mutating func send(_ batch: consuming RouteBatch) throws(KernelError) -> [KernelError] {
    var failures: [KernelError] = []
    var first = 0
    for var buffer in batch.buffers where !buffer.messages.isEmpty {
      let count = buffer.messages.count
      buffer.acknowledgeLast()
      for var failure in try socket.send(buffer) {
        failure.index += first
        if !batch.satisfied[failure.index].contains(failure.errno) { failures.append(failure) }
      }
      first += count
    }
    return failures
  }

  /// Makes all changes, even those after a failure.
  /// - Throws: `KernelError`: the first failure, or that of the exchange.
  public mutating func apply(_ batch: consuming RouteBatch) throws(KernelError) {
    if let failure = try send(batch).first { throw failure }
  }

  /// Returns all answers to an RTM_GET message.
  mutating func get<Value>(
    _ type: Int, dump: Bool, operation: String, _ request: (inout MessageBuffer) -> Void,
    decoding decode: (RawSpan) throws(DecodingFailure) -> Value?
  ) throws(KernelError) -> [Value] {
    var message = MessageBuffer()
    message.message(
      UInt16(truncatingIfNeeded: type), dump ? [.request, .dump] : .request, operation: operation, request)
    var values: [Value] = []
    // The answer to an RTM_GET is the corresponding RTM_NEW, whose number is two lower.
    let answer = UInt16(truncatingIfNeeded: type - 2)
    try socket.query(
      message, restart: { values.removeAll(keepingCapacity: true) },
      { type, payload throws(DecodingFailure) in
        guard type == answer, let value = try decode(payload) else { return }
        values.append(value)
      })
    return values
  }
}
