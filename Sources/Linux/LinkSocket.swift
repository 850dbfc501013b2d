import Glibc

/// A packet socket that is bound to an interface: it sends and receives whole frames. packet(7).
public struct LinkSocket: ~Copyable {
  /// The socket, in non-blocking mode. write(2) sends a frame.
  public let descriptor: OwnedFileDescriptor

  // struct sockaddr_ll, which Glibc's module leaves out.
  private static let addressSize = 20
  private static let packetTypeOffset = 10
  /// PACKET_OUTGOING.
  private static let outgoing: UInt8 = 4
  /// ETH_P_ALL.
  private static let allProtocols: UInt16 = 0x0003

  /// Opens a socket in the calling thread's network namespace.
  /// - Parameter receives: Whether the socket also receives the interface's frames, those that it sends included.
  /// - Throws: `KernelError` of socket(2) or bind(2); ENODEV if there is no such interface.
  public init(interface: String, receives: Bool) throws(KernelError) {
    let index = unsafe if_nametoindex(interface)
    guard index != 0 else { throw KernelError("open a packet socket on \(interface)", .noSuchDevice) }
    // Protocol 0: the socket receives nothing before it is bound to the interface.
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(AF_PACKET, type, 0)
    guard number >= 0 else { throw KernelError("open a packet socket", Errno(rawValue: errno)) }
    let descriptor = OwnedFileDescriptor(owning: number)

    var address = [UInt8](repeating: 0, count: Self.addressSize)
    unsafe address.withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: sa_family_t(AF_PACKET), as: sa_family_t.self)
      unsafe bytes.storeBytes(of: (receives ? Self.allProtocols : 0).bigEndian, toByteOffset: 2, as: UInt16.self)
      unsafe bytes.storeBytes(of: index, toByteOffset: 4, as: UInt32.self)
    }
    let result = unsafe Self.withSocketAddress(&address) { unsafe bind(number, $0, $1) }
    guard result == 0 else { throw KernelError("bind a packet socket to \(interface)", Errno(rawValue: errno)) }
    self.descriptor = descriptor
  }

  /// Receives a frame.
  /// - Parameter socket: The descriptor of a `LinkSocket`.
  /// - Returns: The frame, and whether the interface sends it; nil if there is none now.
  /// - Throws: `KernelError` of recvfrom(2); ENETDOWN once when the interface goes down.
  public static func receive(_ socket: Int32) throws(KernelError) -> (frame: [UInt8], isOutgoing: Bool)? {
    var address = [UInt8](repeating: 0, count: addressSize)
    var bytes = [UInt8](repeating: 0, count: 65_600)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe withSocketAddress(&address) { address, size in
        var size = size
        return unsafe recvfrom(socket, bytes.baseAddress, bytes.count, 0, address, &size)
      }
    }
    guard count >= 0 else {
      if errno == EAGAIN || errno == EINTR { return nil }
      throw KernelError("recvfrom a packet socket", Errno(rawValue: errno))
    }
    return (Array(bytes[..<count]), address[packetTypeOffset] == outgoing)
  }

  /// The descriptor without the rest.
  public consuming func release() -> OwnedFileDescriptor { descriptor }

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
