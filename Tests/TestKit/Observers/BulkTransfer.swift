import Glibc
import Linux
public import NetTypes

/// As much as TCP carries from one namespace to another, by the kernel's own stacks.
public enum BulkTransfer {
  /// - Parameters:
  ///   - warmUp: What is sent in this time is not counted.
  ///   - time: How long is counted.
  /// - Returns: What has arrived, in bytes a second.
  public static func rate(
    from sender: TestNamespace, to receiver: TestNamespace, address: IPv4Address, port: UInt16, after warmUp: Duration,
    over time: Duration
  ) async throws -> Double {
    let listener = try await receiver.run {
      let socket = try IPSocket.open(.stream)
      try IPSocket.bind(socket, to: Endpoint(IPv4Address(0, 0, 0, 0), port))
      guard listen(socket.rawValue, 1) == 0 else { throw SystemError("listen", Errno(rawValue: errno)) }
      return socket
    }
    let source = try await sender.run {
      let socket = try IPSocket.open(.stream)
      try IPSocket.startConnecting(socket, to: Endpoint(address, port))
      return socket
    }
    guard try await onOwnThread("accept", { try Poll.isReadable(listener.rawValue, within: .patience) }) else {
      throw SystemError("connect \(address):\(port)", .timedOut)
    }
    let sink = try IPSocket.accept(listener)
    async let sending: Void = onOwnThread { pour(into: source, for: warmUp + time) }
    async let received = onOwnThread { count(from: sink, after: warmUp, over: time) }
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

  private static func count(from socket: SharedDescriptor, after warmUp: Duration, over time: Duration) -> Double {
    let start = ContinuousClock.now + warmUp
    var (bytes, first): (Int, ContinuousClock.Instant?) = (0, nil)
    var now = ContinuousClock.now
    while now < start + time {
      if (try? Poll.isReadable(socket.rawValue, within: start + time - now)) == true {
        guard let chunk = try? socket.read(), !chunk.isEmpty else { break }
        if first != nil { bytes += chunk.count }
      }
      now = ContinuousClock.now
      if first == nil, now >= start { first = now }
    }
    let elapsed = first.map { (now - $0) / .seconds(1) } ?? 0
    return elapsed > 0 ? Double(bytes) / elapsed : 0
  }
}
