import Glibc
import Linux
public import NetTypes

/// As much as TCP carries from one namespace to another, by the kernel's own stacks.
public struct BulkTransfer: Sendable {
  /// All that has arrived.
  public let bytes: Int
  /// From before the first byte was sent to the last that was counted, in seconds.
  public let time: Double
  /// Of what has arrived after the warm-up, in bytes a second. How much it is depends on what else the machine does.
  public let rate: Double

  /// - Parameters:
  ///   - warmUp: What is sent in this time is not in the rate.
  ///   - time: How long is counted.
  public static func run(
    from sender: TestNamespace, to receiver: TestNamespace, address: IPv4Address, port: UInt16, after warmUp: Duration,
    over time: Duration
  ) async throws -> BulkTransfer {
    let listener = try await receiver.run {
      let socket = try IPSocket.open(.stream, for: .v4(address))
      try IPSocket.bind(socket, to: Endpoint(IPv4Address(0, 0, 0, 0), port))
      guard listen(socket.rawValue, 1) == 0 else { throw KernelError("listen", Errno(rawValue: errno)) }
      return socket
    }
    let source = try await sender.run {
      let socket = try IPSocket.open(.stream, for: .v4(address))
      try IPSocket.startConnecting(socket, to: Endpoint(address, port))
      return socket
    }
    guard try await onOwnThread("accept", { try Poll.isReadable(listener.rawValue, within: .patience) }) else {
      throw KernelError("connect \(address):\(port)", .timedOut)
    }
    let sink = try IPSocket.accept(listener)
    let start = ContinuousClock.now
    async let sending: Void = onOwnThread { pour(into: source, for: warmUp + time) }
    async let received = onOwnThread { count(from: sink, since: start, after: warmUp, over: time) }
    _ = try await sending
    return try await received
  }

  private static func pour(into socket: SharedDescriptor, for time: Duration) {
    let chunk = [UInt8](repeating: 0x55, count: 65_536)
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      let count = unsafe chunk.withUnsafeBytes {
        unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { continue }
      guard errno == EAGAIN || errno == EINTR else { return }
      var entries = [pollfd(fd: socket.rawValue, events: Int16(POLLOUT), revents: 0)]
      _ = try? Poll.wait(&entries, within: .milliseconds(50))
    }
  }

  private static func count(
    from socket: SharedDescriptor, since start: ContinuousClock.Instant, after warmUp: Duration, over time: Duration
  ) -> BulkTransfer {
    let beginning = start + warmUp
    var (bytes, before): (Int, (bytes: Int, at: ContinuousClock.Instant)?) = (0, nil)
    var now = ContinuousClock.now
    while now < beginning + time {
      if (try? Poll.isReadable(socket.rawValue, within: beginning + time - now)) == true {
        guard let chunk = try? socket.read(), !chunk.isEmpty else { break }
        bytes += chunk.count
      }
      now = ContinuousClock.now
      if before == nil, now >= beginning { before = (bytes, now) }
    }
    let elapsed = before.map { (now - $0.at) / .seconds(1) } ?? 0
    return BulkTransfer(
      bytes: bytes, time: (now - start) / .seconds(1),
      rate: elapsed > 0 ? Double(bytes - (before?.bytes ?? 0)) / elapsed : 0)
  }
}
