public import Glibc
import NetTypes

/// `struct sockaddr_in` or `struct sockaddr_in6`, whichever an endpoint takes: ip(7), ipv6(7).
public struct SocketAddress {
  /// Room for either.
  private var storage = sockaddr_in6()
  private var size = socklen_t(MemoryLayout<sockaddr_in6>.size)

  /// For the kernel to fill in.
  public init() {}

  public init(_ endpoint: Endpoint) {
    switch endpoint.ip {
    case .v4(let address):
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = endpoint.port.bigEndian
      four.sin_addr.s_addr = address.rawValue.bigEndian
      unsafe withUnsafeBytes(of: four) { bytes in
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyMemory(from: bytes) }
      }
      size = socklen_t(MemoryLayout<sockaddr_in>.size)
    case .v6(let address):
      storage.sin6_family = sa_family_t(AF_INET6)
      storage.sin6_port = endpoint.port.bigEndian
      unsafe withUnsafeMutableBytes(of: &storage.sin6_addr) { unsafe $0.copyBytes(from: address.bytes) }
    }
  }

  /// What the kernel has filled in.
  public var endpoint: Endpoint {
    guard storage.sin6_family == sa_family_t(AF_INET) else {
      let bytes = unsafe withUnsafeBytes(of: storage.sin6_addr) { unsafe Array($0) }
      return Endpoint(IPv6Address(bytes: bytes) ?? IPv6Address(rawValue: 0), UInt16(bigEndian: storage.sin6_port))
    }
    let four = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in.self) }
    return Endpoint(IPv4Address(rawValue: UInt32(bigEndian: four.sin_addr.s_addr)), UInt16(bigEndian: four.sin_port))
  }

  @unsafe
  public mutating func with<R>(_ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> R) -> R {
    let size = size
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
    }
  }
}
