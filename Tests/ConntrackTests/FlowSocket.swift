import Glibc
import Linux
import TestKit

/// A datagram socket for tests; it belongs to the network namespace of the thread that makes it.
final class FlowSocket: Sendable {
  private let descriptor: Int32

  /// A socket of a protocol, bound to an address of either family: `198.51.100.1`, `2001:db8::1`; port 0 for any.
  init(_ kind: Kind, _ address: String, port: UInt16 = 0) throws(KernelError) {
    let own = try SocketAddress(address, port: port)
    descriptor = try valueOrError(socket(own.family, kind.type, kind.number(own.family)), "socket")
    guard unsafe own.withUnsafe({ unsafe bind(descriptor, $0, $1) }) == 0 else {
      throw KernelError("bind \(address)", Errno(rawValue: errno))
    }
  }

  deinit { close(descriptor) }

  enum Kind {
    case udp
    /// Echo requests, whose identifier the kernel fills in: icmp(7).
    case ping
    /// Any other protocol within IP.
    case raw(Int32)

    fileprivate var type: Int32 {
      switch self {
      case .udp, .ping: Int32(SOCK_DGRAM.rawValue)
      case .raw: Int32(SOCK_RAW.rawValue)
      }
    }

    fileprivate func number(_ family: Int32) -> Int32 {
      switch self {
      case .udp: Int32(IPPROTO_UDP)
      case .ping: Int32(family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)
      case .raw(let number): number
      }
    }
  }

  func send(_ bytes: [UInt8] = [1], to address: String, port: UInt16 = 0) throws(KernelError) {
    let peer = try SocketAddress(address, port: port)
    let sent = unsafe peer.withUnsafe { unsafe sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    guard sent == bytes.count else { throw KernelError("send to \(address)", Errno(rawValue: errno)) }
  }

  /// Waits for a datagram.
  func receive() throws(KernelError) {
    guard try Poll.isReadable(descriptor, within: .patience) else { throw KernelError("receive", .timedOut) }
    var byte: UInt8 = 0
    guard unsafe recv(descriptor, &byte, 1, 0) >= 0 else { throw KernelError("receive", Errno(rawValue: errno)) }
  }

  /// Waits for a datagram and sends one back.
  func answer() throws(KernelError) {
    guard try Poll.isReadable(descriptor, within: .patience) else { throw KernelError("receive", .timedOut) }
    var peer = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let sent = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        var byte: UInt8 = 0
        guard unsafe recvfrom(descriptor, &byte, 1, 0, address, &length) >= 0 else { return -1 }
        return unsafe sendto(descriptor, &byte, 1, 0, address, length)
      }
    }
    guard sent == 1 else { throw KernelError("answer", Errno(rawValue: errno)) }
  }
}

/// `struct sockaddr_in` or `struct sockaddr_in6`.
private struct SocketAddress {
  private var storage = sockaddr_storage()

  init(_ address: String, port: UInt16) throws(KernelError) {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if unsafe inet_pton(AF_INET, address, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: four, as: sockaddr_in.self) }
    } else if unsafe inet_pton(AF_INET6, address, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: six, as: sockaddr_in6.self) }
    } else {
      throw KernelError("read the address \(address)", .invalidArgument)
    }
  }

  var family: Int32 { Int32(storage.ss_family) }

  func withUnsafe<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    return unsafe withUnsafePointer(to: storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(size)) }
    }
  }
}
