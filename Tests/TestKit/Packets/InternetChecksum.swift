public import NetTypes

/// The ones' complement sum that IPv4, ICMP, UDP and TCP check themselves with (RFC 1071).
public enum InternetChecksum {
  /// The checksum of `bytes` in host byte order; of bytes that hold their right checksum it is 0.
  public static func of(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let low = index + 1 < bytes.count ? bytes[index + 1] : 0
      sum += UInt32(bytes[index]) << 8 | UInt32(low)
      sum = sum & 0xffff + sum >> 16
    }
    return ~UInt16(sum)
  }
}

/// What UDP, TCP and ICMPv6 put in front of themselves for their checksum, so that it covers the addresses.
public enum PseudoHeader: Sendable {
  /// RFC 768.
  case ipv4(source: IPv4Address, destination: IPv4Address)
  /// RFC 8200, 8.1.
  case ipv6(source: IPv6Address, destination: IPv6Address)

  func checksum(of segment: [UInt8], protocolNumber: UInt8) -> UInt16 {
    InternetChecksum.of(bytes(length: segment.count, protocolNumber) + segment)
  }

  /// The sum over the pseudo-header alone, which whoever leaves the checksum to the hardware puts in its place.
  func partialSum(length: Int, protocolNumber: UInt8) -> UInt16 {
    ~InternetChecksum.of(bytes(length: length, protocolNumber))
  }

  private func bytes(length: Int, _ protocolNumber: UInt8) -> [UInt8] {
    var bytes: [UInt8]
    switch self {
    case .ipv4(let source, let destination): bytes = source.bytes + destination.bytes
    case .ipv6(let source, let destination): bytes = source.bytes + destination.bytes
    }
    bytes.append(bigEndian: UInt32(protocolNumber))
    bytes.append(bigEndian: UInt32(length))
    return bytes
  }
}
