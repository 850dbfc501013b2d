import Glibc
import Linux

extension TestNamespace {
  /// Has the kernel compute checksums of what leaves by a link itself, as `ethtool -K LINK tx off` does: SIOCETHTOOL with
  /// ETHTOOL_STXCSUM of linux/ethtool.h. A veth pair otherwise never does.
  public func computeChecksums(on link: String) async throws {
    try await run {
      let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { throw KernelError("socket", Errno(rawValue: errno)) }
      defer { close(descriptor) }
      // struct ethtool_value: the command, and 0 for off.
      var value: (UInt32, UInt32) = (0x17, 0)
      let result = unsafe withUnsafeMutablePointer(to: &value) { value in
        // struct ifreq: the link's name, and a pointer.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<link.utf8.count, with: link.utf8)
        return unsafe request.withUnsafeMutableBytes { bytes in
          unsafe bytes.storeBytes(of: UInt(bitPattern: value), toByteOffset: 16, as: UInt.self)
          guard let start = bytes.baseAddress else { return Int32(-1) }
          return unsafe ioctl(descriptor, UInt(0x8946), start)
        }
      }
      guard result == 0 else { throw KernelError("ioctl SIOCETHTOOL of \(link)", Errno(rawValue: errno)) }
    }
  }
}
