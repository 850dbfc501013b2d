import Glibc
public import NetTypes

/// The addresses of this network namespace, as a program that wants to listen at one finds them.
public enum LocalAddress {
  /// Whether bind(2) takes the address: it is the host's, or may become it (`net.ipv4.ip_nonlocal_bind`).
  public static func mayBeBound(_ address: IPv4Address) throws(SystemError) -> Bool {
    // To groups and to everybody a socket may be bound all the same.
    guard !address.isMulticast, !address.isLimitedBroadcast else { return false }
    let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError("socket", .current) }
    let descriptor = OwnedFileDescriptor(owning: number)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = address.rawValue.bigEndian
    let result = unsafe withUnsafeBytes(of: &place) { bytes in
      unsafe bind(
        descriptor.rawValue, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if result == 0 { return true }
    guard Errno.current == .addressNotAvailable else { throw SystemError("bind \(address)", .current) }
    return false
  }
}
