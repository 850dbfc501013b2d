import Glibc
import Linux

/// A TCP connection of the kernel, made from a namespace.
public final class TCPConnection: Sendable {
  public let local: Endpoint
  public let peer: Endpoint
  private let socket: SharedDescriptor

  /// - Throws: `KernelError`: ECONNREFUSED when nobody listens, ETIMEDOUT when nobody answers within `limit`.
  public init(from namespace: TestNamespace, to peer: Endpoint, within limit: Duration = .patience) async throws {
    self.peer = peer
    (socket, local) = try await namespace.run {
      let socket = try IPSocket.open(.stream, for: peer.ip)
      try IPSocket.startConnecting(socket, to: peer)
      var entries = [pollfd(fd: socket.rawValue, events: Int16(POLLOUT), revents: 0)]
      guard try Poll.wait(&entries, within: limit) > 0 else { throw KernelError("connect \(peer)", .timedOut) }
      if let error = try IPSocket.connectionError(socket) { throw KernelError("connect \(peer)", error) }
      return (socket, try IPSocket.localEndpoint(socket))
    }
  }

  /// Sends text.
  /// - Throws: `KernelError`: EPIPE or ECONNRESET when the other end is gone.
  public func send(_ text: String) throws {
    try IPSocket.write(Array(text.utf8), on: socket)
  }

  /// Sends text, and waits for as many bytes.
  /// - Returns: What has come within `limit`, or before the other end closed.
  public func exchange(_ text: String, within limit: Duration = .patience) async throws -> String {
    try send(text)
    let deadline = ContinuousClock.now + limit
    return try await onOwnThread { [socket] in
      var received: [UInt8] = []
      while received.count < text.utf8.count,
        try Poll.isReadable(socket.rawValue, within: deadline - ContinuousClock.now)
      {
        guard let bytes = try socket.read() else { continue }
        if bytes.isEmpty { break }
        received += bytes
      }
      return String(decoding: received, as: UTF8.self)
    }
  }
}
