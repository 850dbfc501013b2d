import Linux
public import NetTypes

/// A UDP socket of the kernel in a namespace, which keeps what arrives and may send it back.
public final class UDPSocket: Sendable {
  /// Where it is bound.
  public let local: Endpoint
  /// What has arrived and was not taken.
  public let arrivals = Inbox<Datagram>()

  private let thread: DescriptorThread

  /// - Parameters:
  ///   - address: One of the namespace's own, or 0.0.0.0 for all.
  ///   - port: 0 for any that is free.
  ///   - echoes: Whether each datagram is sent back to where it came from.
  public convenience init(
    in namespace: TestNamespace, address: IPv4Address = IPv4Address(0, 0, 0, 0), port: UInt16 = 0, echoes: Bool = false
  ) async throws {
    try await self.init(in: namespace, at: Endpoint(address, port), echoes: echoes)
  }

  /// At an endpoint of either family; port 0 is any that is free.
  public init(in namespace: TestNamespace, at endpoint: Endpoint, echoes: Bool = false) async throws {
    let (socket, local) = try await namespace.run {
      let socket = try IPSocket.open(.datagram, for: endpoint.ip)
      try IPSocket.bind(socket, to: endpoint)
      return (socket, try IPSocket.localEndpoint(socket))
    }
    self.local = local
    thread = try DescriptorThread(name: "udp-\(local.port)", [socket]) { [arrivals] _, socket in
      // An error of an earlier datagram, ECONNREFUSED say, does not end the socket.
      while let (payload, source) = try? IPSocket.receive(socket) {
        if echoes { try? IPSocket.send(payload, on: socket, to: source) }
        arrivals.add(Datagram(source: source, destination: local, payload: payload))
      }
      return true
    }
    namespace.atEnd { [thread] in await thread.stop() }
  }

  /// - Throws: `KernelError`: ENETUNREACH without a route, EPERM where a firewall drops what is sent.
  public func send(_ text: String, to endpoint: Endpoint) throws {
    try IPSocket.send(Array(text.utf8), on: try thread.descriptor(), to: endpoint)
  }

  /// Takes the first datagram that matches out of `arrivals`, and waits for one where there is none.
  /// - Returns: nil when none has come within `limit`.
  public func received(
    within limit: Duration = .patience, matching: @escaping @Sendable (Datagram) -> Bool = { _ in true }
  ) async -> Datagram? {
    await arrivals.take(within: limit, matching: matching)
  }

  public func stop() async { await thread.stop() }
}
