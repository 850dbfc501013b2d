public import NetTypes

/// A message of DHCP (RFC 2131), as far as tests send and read it.
public struct DHCPMessage: Hashable, Sendable {
  public enum Kind: UInt8, Sendable {
    case discover = 1
    case offer, request, decline, acknowledge, refuse, release
  }

  public var kind: Kind
  public var transaction: UInt32
  /// The client's own, where it has one.
  public var clientAddress = IPv4Address(rawValue: 0)
  /// The one that it is given.
  public var yourAddress = IPv4Address(rawValue: 0)
  public var clientMAC: MACAddress
  /// The one that is asked for.
  public var requested: IPv4Address?
  public var server: IPv4Address?
  /// What the client calls itself: option 61.
  public var clientID: [UInt8]?
  /// Whether the client asks for an answer to everybody.
  public var isForAll = false

  public init(_ kind: Kind, transaction: UInt32, of clientMAC: MACAddress) {
    self.kind = kind
    self.transaction = transaction
    self.clientMAC = clientMAC
  }

  public var bytes: [UInt8] {
    let isAnswer = [.offer, .acknowledge, .refuse].contains(kind)
    var bytes: [UInt8] = [isAnswer ? 2 : 1, 1, 6, 0]
    bytes.append(bigEndian: transaction)
    bytes += [0, 0, isForAll ? 0x80 : 0, 0]
    bytes += clientAddress.bytes + yourAddress.bytes + [0, 0, 0, 0, 0, 0, 0, 0]
    bytes += clientMAC.octets + [UInt8](repeating: 0, count: 10 + 64 + 128)
    bytes += Self.cookie + [53, 1, kind.rawValue]
    if let requested { bytes += [50, 4] + requested.bytes }
    if let server { bytes += [54, 4] + server.bytes }
    if let clientID { bytes += [61, UInt8(clientID.count)] + clientID }
    return bytes + [255] + [UInt8](repeating: 0, count: 60)
  }

  public init?(parsing bytes: [UInt8]) {
    guard bytes.count > 240, Array(bytes[236..<240]) == Self.cookie, let mac = MACAddress(bytes: Array(bytes[28..<34])),
      let your = IPv4Address(bytes: Array(bytes[16..<20]))
    else { return nil }
    var options: [UInt8: [UInt8]] = [:]
    var rest = bytes[240...]
    while let code = rest.popFirst(), code != 255 {
      guard code != 0 else { continue }
      guard let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
      options[code] = Array(rest.prefix(Int(length)))
      rest = rest.dropFirst(Int(length))
    }
    guard let kind = options[53]?.first.flatMap(Kind.init) else { return nil }
    self.init(kind, transaction: bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }, of: mac)
    yourAddress = your
    server = options[54].flatMap { IPv4Address(bytes: $0) }
    clientID = options[61]
  }

  private static let cookie: [UInt8] = [99, 130, 83, 99]

  /// As it goes over the wire.
  public func frame(
    from mac: MACAddress, _ source: IPv4Address = IPv4Address(rawValue: 0), port: UInt16 = 68, toPort: UInt16 = 67,
    to destination: MACAddress = MACAddress(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    _ target: IPv4Address = IPv4Address(rawValue: .max)
  ) -> EthernetFrame {
    let datagram = UDPDatagram(from: port, to: toPort, payload: bytes)
    return .ipv4(.udp(datagram, from: source, to: target), from: mac, to: destination)
  }
}

extension EthernetFrame {
  /// The DHCP message to a client within.
  public var dhcpAnswer: DHCPMessage? {
    guard let udp = ipv4?.udp, udp.destinationPort == 68 else { return nil }
    return DHCPMessage(parsing: udp.payload)
  }
}
