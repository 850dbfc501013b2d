import NetTypes
import Tapestry

/// The frames that a benchmark's guest sends and parses.
enum Frame {
  /// A UDP datagram (RFC 768) with 18 bytes of payload, which makes a minimum-size Ethernet frame. It has no checksum.
  static func datagram(from guest: Attachment, to address: IPv4Address, at mac: MACAddress) -> [UInt8] {
    let payload = [UInt8](repeating: 0x2e, count: 18)
    let udp = bytes(sourcePort) + [0, 9, 0, UInt8(8 + payload.count), 0, 0]
    var ip: [UInt8] = [0x45, 0, 0, UInt8(20 + udp.count + payload.count), 0, 0, 0x40, 0, 64, 17, 0, 0]
    ip += guest.guestIP.bytes + address.bytes
    let sum = stride(from: 0, to: ip.count, by: 2).reduce(UInt32(0)) { $0 + UInt32(ip[$1]) << 8 + UInt32(ip[$1 + 1]) }
    let checksum = ~UInt16(truncatingIfNeeded: sum % 0xffff)
    ip[10] = UInt8(checksum >> 8)
    ip[11] = UInt8(truncatingIfNeeded: checksum)
    return bytes(mac) + bytes(guest.mac) + [8, 0] + ip + udp + payload
  }

  /// In the range from which masquerading chooses.
  static let sourcePort: UInt16 = 40_000

  static func setSourcePort(_ port: UInt16, _ frame: inout [UInt8]) {
    frame.replaceSubrange(34..<36, with: bytes(port))
  }

  /// The frame that answers a UDP datagram of `datagram`. Returns nil if it is another frame. The sum of the swapped fields
  /// is the same, and so the checksum too.
  static func answer(to frame: [UInt8]) -> [UInt8]? {
    guard frame.count >= 42, frame[12...14].elementsEqual([8, 0, 0x45]), frame[23] == 17,
      frame[36...37].elementsEqual([0, 9])
    else { return nil }
    let parts = [6..<12, 0..<6, 12..<26, 30..<34, 26..<30, 36..<38, 34..<36, 38..<frame.count]
    return parts.flatMap { frame[$0] }
  }

  /// An ARP request for the guest's gateway (RFC 826).
  static func arpRequest(from guest: Attachment) -> [UInt8] {
    [UInt8](repeating: 0xff, count: 6) + bytes(guest.mac) + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] + bytes(guest.mac)
      + guest.guestIP.bytes
      + [UInt8](repeating: 0, count: 6) + guest.gatewayIP.bytes
  }

  /// Returns the sender's MAC if the frame is an ARP reply from this address, else nil.
  static func sender(ofARPReply frame: some Collection<UInt8>, from address: IPv4Address) -> MACAddress? {
    let frame = Array(frame)
    guard frame.count >= 42, frame[12...13].elementsEqual([8, 6]), frame[20...21].elementsEqual([0, 2]),
      frame[28..<32].elementsEqual(address.bytes)
    else { return nil }
    return MACAddress(bytes: Array(frame[22..<28]))
  }

  private static func bytes(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
  private static func bytes(_ mac: MACAddress) -> [UInt8] { mac.octets.indices.map { mac.octets[$0] } }
}
