import Linux
public import NetTypes
public import Netlink

/// A socket to rtnetlink(7): links, addresses, routes, neighbours and queueing disciplines of the network namespace in
/// which it was made.
public struct RouteSocket: ~Copyable, Sendable {
  private var socket: NetlinkSocket

  public init() throws(NetlinkError) { socket = try NetlinkSocket(.route) }

  /// The index of a link; nil when there is none of that name. Cheaper than `link(named:)`.
  public func linkIndex(named name: InterfaceName) throws(NetlinkError) -> Int32? {
    try socket.linkIndex(named: name.rawValue)
  }

  /// Makes all changes and returns those that failed, in order.
  ///
  /// The kernel goes on past a change that fails. Deleting what is not there is no failure.
  /// - Throws: `NetlinkError` when the exchange itself failed: then nothing is known of the changes.
  public mutating func send(_ batch: consuming RouteBatch) throws(NetlinkError) -> [NetlinkError] {
    var failures: [NetlinkError] = []
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

  /// Makes all changes and throws the first failure; the changes after it are made all the same.
  public mutating func apply(_ batch: consuming RouteBatch) throws(NetlinkError) {
    if let failure = try send(batch).first { throw failure }
  }

  /// Everything that an RTM_GET message is answered with.
  mutating func get<Value>(
    _ type: Int, dump: Bool, operation: String, _ request: (inout MessageBuffer) -> Void,
    decoding decode: (RawSpan) throws(DecodingFailure) -> Value?
  ) throws(NetlinkError) -> [Value] {
    var message = MessageBuffer()
    message.message(
      UInt16(truncatingIfNeeded: type), dump ? [.request, .dump] : .request, operation: operation, request)
    var values: [Value] = []
    // Every RTM_GET is answered by its RTM_NEW, two below it.
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
