public import NetTypes

/// Who has an IPv4 address on an Ethernet (RFC 826).
public struct ARPPacket: Hashable, Sendable {
  public enum Operation: UInt16, Sendable {
    case request = 1
    case reply = 2
  }

  public var operation: Operation
  public var senderMAC: MACAddress
  public var senderIP: IPv4Address
  public var targetMAC: MACAddress
  public var targetIP: IPv4Address

  public init(
    operation: Operation, senderMAC: MACAddress, senderIP: IPv4Address, targetMAC: MACAddress, targetIP: IPv4Address
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderIP = senderIP
    self.targetMAC = targetMAC
    self.targetIP = targetIP
  }

  /// Asks who has `address`.
  public static func request(for address: IPv4Address, from mac: MACAddress, _ sender: IPv4Address) -> ARPPacket {
    ARPPacket(
      operation: .request, senderMAC: mac, senderIP: sender, targetMAC: MACAddress(0, 0, 0, 0, 0, 0), targetIP: address)
  }

  /// Tells everyone that `address` is at `mac`: a gratuitous reply, whether anybody asked or not.
  public static func announcement(of address: IPv4Address, at mac: MACAddress) -> ARPPacket {
    ARPPacket(operation: .reply, senderMAC: mac, senderIP: address, targetMAC: .broadcast, targetIP: address)
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "ARP")
    guard Array(try reader.bytes(6)) == Self.ethernetAndIPv4 else { throw PacketError("ARP for other addresses") }
    guard let operation = Operation(rawValue: try reader.uint16()) else { throw PacketError("another ARP operation") }
    self.operation = operation
    senderMAC = try reader.macAddress()
    senderIP = try reader.ipv4Address()
    targetMAC = try reader.macAddress()
    targetIP = try reader.ipv4Address()
  }

  public var bytes: [UInt8] {
    var bytes = Self.ethernetAndIPv4
    bytes.append(bigEndian: operation.rawValue)
    return bytes + senderMAC.octets + senderIP.bytes + targetMAC.octets + targetIP.bytes
  }

  /// Hardware type Ethernet, protocol IPv4, addresses of 6 and 4 bytes.
  private static let ethernetAndIPv4: [UInt8] = [0x00, 0x01, 0x08, 0x00, 6, 4]
}

extension EthernetFrame {
  public static func arp(
    _ packet: ARPPacket, from source: MACAddress, to destination: MACAddress = .broadcast
  ) -> EthernetFrame {
    EthernetFrame(destination: destination, source: source, etherType: .arp, payload: packet.bytes)
  }

  /// The ARP packet within; nil when the frame holds something else.
  public var arp: ARPPacket? { etherType == .arp ? try? ARPPacket(parsing: payload) : nil }
}
