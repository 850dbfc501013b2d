import Glibc
import Linux

/// A VMM that has the host cut a tunnel's packets into segments: VIRTIO_NET_HDR_GSO_UDP_TUNNEL of linux/virtio_net.h, Linux
/// 6.17. It only sends.
public enum TunnelOffload {
  /// Where the headers of what is in the tunnel are, in bytes from the frame's beginning.
  public struct Places: Sendable {
    public var outerTransport: UInt16
    public var innerNetwork: UInt16
    public var innerTransport: UInt16

    public init(outerTransport: UInt16, innerNetwork: UInt16, innerTransport: UInt16) {
      self.outerTransport = outerTransport
      self.innerNetwork = innerNetwork
      self.innerTransport = innerTransport
    }
  }

  /// Sends a frame as one of UDP over IPv4 with TCP over IPv4 within, to be cut into segments of so many bytes of payload.
  /// The VMM holds the TAP no longer than that.
  /// - Throws: `KernelError`: EINVAL for a header that the kernel refuses; else as `GuestTap` does.
  public static func send(
    _ frame: [UInt8], _ places: Places, segmentSize: UInt16, in namespace: TestNamespace, tap name: String
  ) async throws {
    let tap = try await namespace.run { try GuestTap.attach(name, vnetHeader: true) }
    var size = headerSize
    let sized = unsafe ioctl(tap.rawValue, setHeaderSize, &size)
    guard sized == 0 else { throw KernelError("ioctl TUNSETVNETHDRSZ of \(name)", Errno(rawValue: errno)) }
    guard let flags = unsafe UnsafeMutableRawPointer(bitPattern: offloads),
      unsafe ioctl(tap.rawValue, setOffloads, flags) == 0
    else { throw KernelError("ioctl TUNSETOFFLOAD of \(name)", Errno(rawValue: errno)) }
    try await namespace.run { LinkReadiness.wait(for: name) }

    // VIRTIO_NET_HDR_F_NEEDS_CSUM and VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM; VIRTIO_NET_HDR_GSO_TCPV4 and _UDP_TUNNEL_IPV4.
    var header: [UInt8] = [1 | 8, 1 | 0x20]
    let checksumOffset: UInt16 = 16
    let words = [
      0, segmentSize, places.innerTransport, checksumOffset, 1, 0, 0, 0, 0, places.outerTransport, places.innerNetwork,
    ]
    for word in words { header += [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)] }
    try tap.write(header + frame)
  }

  /// `struct virtio_net_hdr_v1_hash_tunnel`.
  private static let headerSize: Int32 = 24
  // TUNSETVNETHDRSZ and TUNSETOFFLOAD of linux/if_tun.h.
  private static let setHeaderSize: UInt = 0x4004_54d8
  private static let setOffloads: UInt = 0x4004_54d0
  /// TUN_F_CSUM, _TSO4, _TSO6, _UDP_TUNNEL_GSO and _UDP_TUNNEL_GSO_CSUM.
  private static let offloads: UInt = 0x187
}
