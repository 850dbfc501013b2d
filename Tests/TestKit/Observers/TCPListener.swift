import Glibc
import Linux
public import NetTypes
import Synchronization

/// A TCP socket of the kernel that listens in a namespace, keeps who has connected, and sends back what they send.
public final class TCPListener: Sendable {
  /// Both ends of a connection as the listener's side sees them.
  public struct Connection: Hashable, Sendable {
    public var local: Endpoint
    public var peer: Endpoint
  }

  /// Where it listens.
  public let local: Endpoint
  /// Who has connected and was not taken.
  public let connections = Inbox<Connection>()

  private let thread: DescriptorThread
  private let echoes: Echoes

  private final class Echoes: Sendable {
    let threads = Mutex<[DescriptorThread]>([])
  }

  /// - Parameters:
  ///   - address: One of the namespace's own, or 0.0.0.0 for all.
  ///   - port: 0 for any that is free.
  public convenience init(
    in namespace: TestNamespace, address: IPv4Address = IPv4Address(0, 0, 0, 0), port: UInt16 = 0
  ) async throws {
    try await self.init(in: namespace, at: Endpoint(address, port))
  }

  /// - Parameter endpoint: Of either family; `::` stands for all addresses of both, and port 0 for any that is free.
  public init(in namespace: TestNamespace, at endpoint: Endpoint) async throws {
    let (socket, local) = try await namespace.run {
      let socket = try IPSocket.open(.stream, for: endpoint.ip)
      try IPSocket.bind(socket, to: endpoint)
      guard listen(socket.rawValue, 64) == 0 else { throw KernelError("listen", Errno(rawValue: errno)) }
      return (socket, try IPSocket.localEndpoint(socket))
    }
    self.local = local
    let echoes = Echoes()
    self.echoes = echoes
    thread = try DescriptorThread(name: "tcp-\(local.port)", [socket]) { [connections] _, socket in
      while let connection = try? IPSocket.accept(socket) {
        guard let local = try? IPSocket.localEndpoint(connection), let peer = try? IPSocket.peerEndpoint(connection),
          let echo = try? Self.echo(connection)
        else { continue }
        echoes.threads.withLock { $0.append(echo) }
        connections.add(Connection(local: local, peer: peer))
      }
      return true
    }
    namespace.atEnd { await self.stop() }
  }

  private static func echo(_ connection: SharedDescriptor) throws(KernelError) -> DescriptorThread {
    try DescriptorThread(name: "tcp-echo", [connection]) { _, connection in
      do throws(KernelError) {
        while let bytes = try connection.read() {
          // An empty read: the other end will send no more.
          guard !bytes.isEmpty else { return false }
          try IPSocket.write(bytes, on: connection)
        }
        return true
      } catch {
        return false
      }
    }
  }

  /// Takes the first connection out of `connections`, and waits for one where there is none.
  /// - Returns: nil when none has come within `limit`.
  public func accepted(within limit: Duration = .patience) async -> Connection? {
    await connections.take(within: limit)
  }

  /// Stops listening, and closes all connections.
  public func stop() async {
    await thread.stop()
    let threads = echoes.threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for echo in threads { await echo.stop() }
  }
}
