import Glibc
import Linux
import NetTypes
import TestKit

/// A datagram socket for tests; it belongs to the network namespace of the thread that makes it.
final class FlowSocket: Sendable {
  private let descriptor: Int32

  /// A socket of a protocol, bound to an address of either family: `198.51.100.1`, `2001:db8::1`; port 0 for any.
  init(_ kind: Kind, _ address: String, port: UInt16 = 0) throws(KernelError) {
    let endpoint = try Self.endpoint(address, port)
    let family = if case .v6 = endpoint.ip { AF_INET6 } else { AF_INET }
    var own = SocketAddress(endpoint)
    descriptor = try valueOrError(socket(family, kind.type, kind.number(family)), "socket")
    guard unsafe own.with({ unsafe bind(descriptor, $0, $1) }) == 0 else {
      throw KernelError("bind \(address)", Errno(rawValue: errno))
    }
  }

  deinit { close(descriptor) }

  private static func endpoint(_ address: String, _ port: UInt16) throws(KernelError) -> Endpoint {
    guard let ip = try? IPAddress(parsing: address) else {
      throw KernelError("read the address \(address)", .invalidArgument)
    }
    return Endpoint(ip, port)
  }

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
    var peer = SocketAddress(try Self.endpoint(address, port))
    let sent = unsafe peer.with { unsafe sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
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
