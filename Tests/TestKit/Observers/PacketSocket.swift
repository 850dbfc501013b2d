import Glibc
import Linux

/// A packet socket: sees all frames that an interface of a namespace receives and sends, as tcpdump(8) does: packet(7).
///
/// The kernel takes VLAN tags out of the frames it shows, and may leave the checksums of UDP and TCP to the hardware.
public final class PacketSocket: Sendable {
  public struct Capture: Hashable, Sendable {
    public var frame: EthernetFrame
    /// Whether the interface sends it, rather than receives it.
    public var isOutgoing: Bool
  }

  /// What has been seen and was not taken.
  public let captures = Inbox<Capture>()
  private let thread: DescriptorThread

  /// Starts to listen on `interface`.
  /// - Throws: `KernelError` of ENODEV when there is no such link.
  public init(in namespace: TestNamespace, interface: String) async throws {
    let socket = try await namespace.run { try Self.open(interface) }
    thread = try DescriptorThread(name: "see-\(interface)", [socket]) { [captures] _, socket in
      do throws(KernelError) {
        while let (bytes, isOutgoing) = try Self.receive(socket) {
          guard let frame = try? EthernetFrame(parsing: bytes) else { continue }
          captures.add(Capture(frame: frame, isOutgoing: isOutgoing))
        }
        return true
      } catch {
        // A link that goes down says so once; it may come up again.
        return error.errno == Errno(rawValue: ENETDOWN)
      }
    }
    namespace.atEnd { [thread] in await thread.stop() }
  }

  /// Takes the first capture that matches out of `captures`, and waits for one where there is none.
  /// - Returns: nil when none has come within `limit`.
  public func captured(
    within limit: Duration = .patience, matching: @escaping @Sendable (Capture) -> Bool
  ) async -> Capture? {
    await captures.take(within: limit, matching: matching)
  }

  public func stop() async { await thread.stop() }

  // MARK: struct sockaddr_ll, which Glibc's module leaves out

  private static let addressSize = 20
  private static let packetTypeOffset = 10
  /// PACKET_OUTGOING
  private static let outgoing: UInt8 = 4
  /// ETH_P_ALL
  private static let allProtocols: UInt16 = 0x0003

  private static func open(_ interface: String) throws(KernelError) -> SharedDescriptor {
    let index = unsafe if_nametoindex(interface)
    guard index != 0 else { throw KernelError("watch \(interface)", .noSuchDevice) }
    // Protocol 0: nothing comes before the socket is bound to the interface.
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(AF_PACKET, type, 0)
    guard number >= 0 else { throw KernelError("open a packet socket", Errno(rawValue: errno)) }
    let descriptor = SharedDescriptor(owning: OwnedFileDescriptor(owning: number))
    // SO_RCVBUFFORCE, in bytes: what comes all at once is not to be lost.
    var room: Int32 = 8 << 20
    _ = unsafe setsockopt(number, SOL_SOCKET, 33, &room, socklen_t(MemoryLayout<Int32>.size))

    var address = [UInt8](repeating: 0, count: addressSize)
    unsafe address.withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: sa_family_t(AF_PACKET), as: sa_family_t.self)
      unsafe bytes.storeBytes(of: allProtocols.bigEndian, toByteOffset: 2, as: UInt16.self)
      unsafe bytes.storeBytes(of: index, toByteOffset: 4, as: UInt32.self)
    }
    let result = unsafe withSocketAddress(&address) { unsafe bind(number, $0, $1) }
    guard result == 0 else { throw KernelError("bind a packet socket to \(interface)", Errno(rawValue: errno)) }
    return descriptor
  }

  private static func receive(
    _ descriptor: SharedDescriptor
  ) throws(KernelError) -> (bytes: [UInt8], isOutgoing: Bool)? {
    var address = [UInt8](repeating: 0, count: addressSize)
    var bytes = [UInt8](repeating: 0, count: 65_600)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe withSocketAddress(&address) { address, size in
        var size = size
        return unsafe recvfrom(descriptor.rawValue, bytes.baseAddress, bytes.count, 0, address, &size)
      }
    }
    guard count >= 0 else {
      if errno == EAGAIN || errno == EINTR { return nil }
      throw KernelError("recvfrom a packet socket", Errno(rawValue: errno))
    }
    return (Array(bytes[..<count]), address[packetTypeOffset] == outgoing)
  }

  @unsafe
  private static func withSocketAddress<R>(
    _ address: inout [UInt8], _ body: (UnsafeMutablePointer<sockaddr>?, socklen_t) -> R
  ) -> R {
    unsafe address.withUnsafeMutableBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) {
        unsafe body($0.baseAddress, socklen_t(addressSize))
      }
    }
  }
}
