import Linux
public import NetTypes

/// A guest with a whole network stack: a namespace whose `eth0` is wired to a TAP of the host, as a VMM wires a NIC.
///
/// The TAP is held as a VMM holds it; what the guest runs, sockets or commands, runs in `namespace`.
public final class NamespaceGuest: Sendable {
  /// The guest's inside. It ends with the guest, which ends with its host.
  public let namespace: TestNamespace
  public let tapName: String
  private let thread: DescriptorThread

  /// Attaches to the TAP `tapName` of `host`, which there must be, and configures `eth0`.
  ///
  /// Returns when both links can carry frames, if the TAP is up, and its bridge forwards them.
  /// - Parameters:
  ///   - gateway: The default route; nil for none.
  ///   - ipv6: What it is configured with besides; nil for nothing.
  /// - Throws: `KernelError`: ENODEV when there is no such TAP, EBUSY when another holds it.
  public init(
    host: TestNamespace, tap tapName: String, mac: MACAddress, address: IPv4Address, prefixLength: Int = 24,
    gateway: IPv4Address? = nil, mtu: Int = 1500, ipv6: IPv6Configuration? = nil
  ) async throws {
    let outside = try await host.run { try GuestTap.attach(tapName, vnetHeader: false) }
    let namespace = try await TestNamespace.make()
    let inside = try await namespace.run { try GuestTap.open("eth0", vnetHeader: false) }
    try await namespace.command("ip", "link", "set", "eth0", "address", "\(mac)", "mtu", "\(mtu)", "up")
    try await namespace.command("ip", "address", "add", "\(address)/\(prefixLength)", "dev", "eth0")
    if let gateway { try await namespace.command("ip", "route", "add", "default", "via", "\(gateway)") }

    if let ipv6 {
      try await namespace.command(
        "ip", "address", "add", "\(ipv6.address)/\(ipv6.prefixLength)", "dev", "eth0", "nodad")
      try await namespace.command("ip", "-6", "route", "add", "default", "via", "\(ipv6.gateway)", "dev", "eth0")
    }

    self.namespace = namespace
    self.tapName = tapName
    thread = try DescriptorThread(name: "guest-\(tapName)", [outside, inside]) {
      [weak outside, weak inside] index, from in
      guard let to = index == 0 ? inside : outside else { return false }
      do throws(KernelError) {
        while let frame = try from.read() {
          // A frame is lost when the other side is down, as on a wire.
          try? to.write(frame)
        }
        return true
      } catch {
        return false
      }
    }
    host.atEnd { await self.stop() }
    try await namespace.run { LinkReadiness.wait(for: "eth0") }
    try await host.run { LinkReadiness.wait(for: tapName) }
  }

  /// False when the guest was stopped, or its TAP was deleted.
  public var isAttached: Bool { thread.isRunning }

  /// Lets go of the TAP, and ends what runs in the guest.
  public func stop() async {
    await thread.stop()
    await namespace.end()
  }
}
