import Linux
public import NetTypes
import Synchronization

/// A guest in a few lines: it holds a TAP as a VMM does, and speaks raw Ethernet through it.
///
/// While it is attached it answers ARP requests for its address and pings of it, as any guest would, and the same of
/// IPv6 where it has an address; all that arrives, whomever it is for, is kept in `arrivals`. What it sends is not
/// checked: it can forge at will.
public final class StandInGuest: Sendable {
  public let tapName: String
  public let mac: MACAddress
  public let address: IPv4Address
  /// What the guest takes to be on its own link.
  public let prefix: IPv4Prefix
  public let gateway: IPv4Address?
  /// nil where it has no IPv6.
  public let ipv6: IPv6Configuration?

  /// All frames that have come out of the TAP and were not taken.
  public let arrivals = Inbox<EthernetFrame>()

  private let thread: DescriptorThread
  private let wire: Wire
  let identifiers = Atomic<UInt16>(0)
  let neighbors = Mutex<[IPAddress: MACAddress]>([:])

  /// Attaches to the TAP `tapName`, which there must be, and starts to answer; it stops with the namespace.
  ///
  /// Returns when the link can carry frames, if it is up, and its bridge forwards them.
  /// - Parameters:
  ///   - ipv6: What it has besides; its link-local address is that of its MAC.
  ///   - vnetHeader: Whether the VMM uses virtio-net headers (IFF_VNET_HDR).
  /// - Throws: `KernelError`: ENODEV when there is no such TAP, EBUSY when another holds it, EINVAL when it is no TAP.
  public convenience init(
    in namespace: TestNamespace, tap tapName: String, mac: MACAddress, address: IPv4Address, prefixLength: Int = 24,
    gateway: IPv4Address? = nil, ipv6: IPv6Configuration? = nil, vnetHeader: Bool = false
  ) async throws {
    let descriptor = try await namespace.run { try GuestTap.attach(tapName, vnetHeader: vnetHeader) }
    try self.init(
      tapName: tapName, descriptor: descriptor, mac: mac, address: address,
      prefix: try IPv4Prefix(containing: address, prefixLength: prefixLength), gateway: gateway,
      ipv6: ipv6, wire: Wire(headerLength: vnetHeader ? VirtioNetHeader.length : 0))
    namespace.atEnd { [thread] in await thread.stop() }
    try await namespace.run { LinkReadiness.wait(for: tapName) }
  }

  private init(
    tapName: String, descriptor: SharedDescriptor, mac: MACAddress, address: IPv4Address, prefix: IPv4Prefix,
    gateway: IPv4Address?, ipv6: IPv6Configuration?, wire: Wire
  ) throws {
    self.tapName = tapName
    self.mac = mac
    self.address = address
    self.prefix = prefix
    self.gateway = gateway
    self.ipv6 = ipv6
    self.wire = wire
    let responder = Responder(
      mac: mac, address: address, addresses6: ipv6.map { [$0.address, .linkLocal(of: mac)] } ?? [])
    thread = try DescriptorThread(name: "guest-\(tapName)", [descriptor]) { [arrivals] _, descriptor in
      do throws(KernelError) {
        while let frame = try wire.read(descriptor) {
          if let answer = responder.answer(to: frame) { try? wire.write(answer, to: descriptor) }
          arrivals.add(frame)
        }
        return true
      } catch {
        return false
      }
    }
  }

  /// False when the guest was stopped, or its TAP was deleted.
  public var isAttached: Bool { thread.isRunning }

  /// Lets go of the TAP, which has no carrier then.
  public func stop() async { await thread.stop() }

  /// Sends a frame as it is.
  /// - Throws: `KernelError`: EIO when the TAP is down, EBADF when it is gone.
  public func send(_ frame: EthernetFrame) throws {
    try wire.write(frame, to: try thread.descriptor())
  }

  /// Sends a packet whose checksum, `offset` bytes into its payload, is left to the host: VIRTIO_NET_HDR_F_NEEDS_CSUM of
  /// linux/virtio_net.h. Only with virtio-net headers.
  /// - Throws: As `send` does.
  public func sendPartialChecksum(_ packet: IPv4Packet, at offset: Int, to destination: MACAddress) throws {
    let frame = EthernetFrame.ipv4(packet.withPartialChecksum(at: offset), from: mac, to: destination)
    let start = frame.bytes.count - packet.payload.count
    try send(raw: frame.bytes, VirtioNetHeader(checksumFrom: start, at: start + offset))
  }

  /// Whether the VMM uses virtio-net headers.
  public var usesVirtioNetHeader: Bool { wire.headerLength > 0 }

  /// Sends bytes as they are, be they a frame or not, behind a virtio-net header where the VMM uses them.
  /// - Throws: As `send` does; EINVAL for bytes that the kernel takes for no frame, or a header that it refuses.
  public func send(raw bytes: [UInt8], _ header: VirtioNetHeader = VirtioNetHeader()) throws {
    try wire.write(bytes, to: try thread.descriptor(), header)
  }

  /// Takes the first frame that matches out of `arrivals`, and waits for one where there is none.
  /// - Returns: nil when none has come within `limit`.
  public func received(
    within limit: Duration = .patience, matching: @escaping @Sendable (EthernetFrame) -> Bool
  ) async -> EthernetFrame? {
    await arrivals.take(within: limit, matching: matching)
  }
}

/// How frames are written to the TAP.
private struct Wire: Sendable {
  /// Bytes of virtio_net_hdr in front of each frame.
  let headerLength: Int

  func read(_ descriptor: SharedDescriptor) throws(KernelError) -> EthernetFrame? {
    while let bytes = try descriptor.read() {
      if let frame = try? EthernetFrame(parsing: Array(bytes.dropFirst(headerLength))) { return frame }
    }
    return nil
  }

  func write(_ frame: EthernetFrame, to descriptor: SharedDescriptor) throws(KernelError) {
    try write(frame.bytes, to: descriptor, VirtioNetHeader())
  }

  func write(
    _ bytes: [UInt8], to descriptor: SharedDescriptor, _ header: VirtioNetHeader
  ) throws(KernelError) {
    try descriptor.write((headerLength > 0 ? header.bytes : []) + bytes)
  }
}
