import Glibc
import Linux
import NetTypes

/// Sockets of either family that do not block: ip(7), ipv6(7).
enum IPSocket {
  enum Kind {
    case datagram
    case stream

    var type: Int32 {
      switch self {
      case .datagram: Int32(SOCK_DGRAM.rawValue)
      case .stream: Int32(SOCK_STREAM.rawValue)
      }
    }
  }

  /// - Parameter address: One of the family that it is for.
  static func open(_ kind: Kind, for address: IPAddress) throws(KernelError) -> SharedDescriptor {
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let family = if case .v6 = address { AF_INET6 } else { AF_INET }
    return try own(socket(family, kind.type | flags, 0), "socket")
  }

  static func bind(_ socket: SharedDescriptor, to endpoint: Endpoint) throws(KernelError) {
    var on: Int32 = 1
    _ = unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = SocketAddress(endpoint)
    try check(unsafe address.with { unsafe Glibc.bind(socket.rawValue, $0, $1) }, "bind \(endpoint)")
  }

  /// Starts to connect; the socket becomes writable when that is over.
  static func startConnecting(_ socket: SharedDescriptor, to endpoint: Endpoint) throws(KernelError) {
    var address = SocketAddress(endpoint)
    let result = unsafe address.with { unsafe connect(socket.rawValue, $0, $1) }
    if result != 0, errno == EINPROGRESS { return }
    try check(result, "connect \(endpoint)")
  }

  /// How connecting has ended.
  static func connectionError(_ socket: SharedDescriptor) throws(KernelError) -> Errno? {
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    try check(unsafe getsockopt(socket.rawValue, SOL_SOCKET, SO_ERROR, &error, &size), "getsockopt SO_ERROR")
    return error == 0 ? nil : Errno(rawValue: error)
  }

  static func accept(_ socket: SharedDescriptor) throws(KernelError) -> SharedDescriptor {
    let connection = try own(Glibc.accept(socket.rawValue, nil, nil), "accept")
    // A connection does not inherit O_NONBLOCK.
    try check(fcntl(connection.rawValue, F_SETFL, O_NONBLOCK), "fcntl F_SETFL")
    try check(fcntl(connection.rawValue, F_SETFD, FD_CLOEXEC), "fcntl F_SETFD")
    return connection
  }

  static func localEndpoint(_ socket: SharedDescriptor) throws(KernelError) -> Endpoint {
    var address = SocketAddress()
    let result = unsafe address.with { address, size in
      var size = size
      return unsafe getsockname(socket.rawValue, address, &size)
    }
    try check(result, "getsockname")
    return address.endpoint
  }

  static func peerEndpoint(_ socket: SharedDescriptor) throws(KernelError) -> Endpoint {
    var address = SocketAddress()
    let result = unsafe address.with { address, size in
      var size = size
      return unsafe getpeername(socket.rawValue, address, &size)
    }
    try check(result, "getpeername")
    return address.endpoint
  }

  static func send(_ payload: [UInt8], on socket: SharedDescriptor, to endpoint: Endpoint) throws(KernelError) {
    var address = SocketAddress(endpoint)
    let count = unsafe payload.withUnsafeBytes { bytes in
      unsafe address.with {
        unsafe sendto(socket.rawValue, bytes.baseAddress, bytes.count, 0, $0, $1)
      }
    }
    try check(count < 0 ? -1 : 0, "send to \(endpoint)")
  }

  /// One datagram and its sender; nil when there is none now.
  static func receive(_ socket: SharedDescriptor) throws(KernelError) -> (payload: [UInt8], source: Endpoint)? {
    var address = SocketAddress()
    var payload = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe payload.withUnsafeMutableBytes { bytes in
      unsafe address.with { address, size in
        var size = size
        return unsafe recvfrom(socket.rawValue, bytes.baseAddress, bytes.count, 0, address, &size)
      }
    }
    guard count >= 0 else {
      if errno == EAGAIN || errno == EINTR { return nil }
      throw KernelError("recvfrom", Errno(rawValue: errno))
    }
    return (Array(payload[..<count]), address.endpoint)
  }

  /// Bytes of a stream, all at once; a closed connection is EPIPE and no signal.
  static func write(_ bytes: [UInt8], on socket: SharedDescriptor) throws(KernelError) {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    try check(count < 0 ? -1 : 0, "send")
    guard count == bytes.count else { throw KernelError("send \(bytes.count) bytes at once", .noBufferSpace) }
  }

  private static func own(_ descriptor: Int32, _ operation: String) throws(KernelError) -> SharedDescriptor {
    guard descriptor >= 0 else { throw KernelError(operation, Errno(rawValue: errno)) }
    return SharedDescriptor(owning: OwnedFileDescriptor(owning: descriptor))
  }

  private static func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(KernelError) {
    guard result == 0 else { throw KernelError(operation(), Errno(rawValue: errno)) }
  }
}
