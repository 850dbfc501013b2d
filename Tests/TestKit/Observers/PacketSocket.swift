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
        while let (bytes, isOutgoing) = try LinkSocket.receive(socket.rawValue) {
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

  private static func open(_ interface: String) throws(KernelError) -> SharedDescriptor {
    let descriptor = try LinkSocket(interface: interface, receives: true).release()
    // SO_RCVBUFFORCE, in bytes: what comes all at once is not to be lost.
    var room: Int32 = 8 << 20
    _ = unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, 33, &room, socklen_t(MemoryLayout<Int32>.size))
    return SharedDescriptor(owning: descriptor)
  }
}
