import Glibc
public import NetTypes

/// The addresses of this network namespace, as bind(2) sees them.
public enum LocalAddress {
  /// Returns true if bind(2) accepts the address: it is local, or `net.ipv4.ip_nonlocal_bind` is set.
  /// - Throws: `KernelError` of socket(2), or of bind(2) except EADDRNOTAVAIL and EINVAL.
  public static func mayBeBound(_ address: IPv4Address) throws(KernelError) -> Bool {
    // bind(2) also accepts multicast addresses and the limited broadcast address, which are not local.
    guard !address.isMulticast, !address.isLimitedBroadcast else { return false }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = address.rawValue.bigEndian
    return try takes(AF_INET, place, "bind \(address)")
  }

  /// The same for IPv6 (`net.ipv6.ip_nonlocal_bind`).
  /// - Throws: `KernelError` of socket(2), or of bind(2) except EADDRNOTAVAIL and EINVAL.
  public static func mayBeBound(_ address: IPv6Address) throws(KernelError) -> Bool {
    guard address.rawValue >> 120 != 0xff else { return false }
    var place = sockaddr_in6()
    place.sin6_family = sa_family_t(AF_INET6)
    unsafe withUnsafeMutableBytes(of: &place.sin6_addr) { unsafe $0.copyBytes(from: address.bytes) }
    return try takes(AF_INET6, place, "bind \(address)")
  }

  private static func takes<Place>(
    _ family: Int32, _ place: Place, _ operation: String
  ) throws(KernelError) -> Bool {
    let number = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // A kernel without IPv6 has no IPv6 addresses.
    if number < 0, Errno.current == .addressFamilyNotSupported { return false }
    guard number >= 0 else { throw KernelError("socket", .current) }
    let descriptor = OwnedFileDescriptor(owning: number)
    let result = unsafe withUnsafeBytes(of: place) { bytes in
      unsafe bind(
        descriptor.rawValue, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if result == 0 { return true }
    // EINVAL: a link-local address needs a scope id too.
    guard [.addressNotAvailable, .invalidArgument].contains(Errno.current) else {
      throw KernelError(operation, .current)
    }
    return false
  }
}
