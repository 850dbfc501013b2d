public import NetTypes

/// A host port that is forwarded to a guest port.
public struct PublishedPort: Hashable, Sendable {
  /// The host address that the port is published on; nil: all host addresses.
  public var hostAddress: IPv4Address?
  /// In host byte order.
  public var hostPort: UInt16
  /// In host byte order.
  public var guestPort: UInt16
  /// TCP or UDP.
  public var transport: Transport

  /// Creates a published port.
  public init(hostAddress: IPv4Address? = nil, hostPort: UInt16, guestPort: UInt16, transport: Transport = .tcp) {
    self.hostAddress = hostAddress
    self.hostPort = hostPort
    self.guestPort = guestPort
    self.transport = transport
  }

  /// Whether both ports cannot be published at the same time.
  func collides(with other: PublishedPort) -> Bool {
    guard transport == other.transport, hostPort == other.hostPort else { return false }
    guard let hostAddress, let otherAddress = other.hostAddress else { return true }
    return hostAddress == otherAddress
  }

  /// Whether it is published on an address of 127.0.0.0/8.
  var isAtLoopback: Bool { hostAddress.map { $0.rawValue >> 24 == 127 } ?? true }

  /// The maximum number of published ports of an attachment.
  public static let maximumPerAttachment = 4096
}

extension PublishedPort: Comparable {
  /// By host port, protocol, host address, then guest port.
  public static func < (one: PublishedPort, other: PublishedPort) -> Bool { one.order < other.order }

  private var order: (UInt16, String, UInt32, UInt16) {
    (hostPort, transport.rawValue, hostAddress?.rawValue ?? 0, guestPort)
  }
}

extension PublishedPort: CustomStringConvertible {
  /// `8080:80/tcp`, or with a host address `192.0.2.1:8080:80/tcp`.
  public var description: String {
    (hostAddress.map { "\($0):" } ?? "") + "\(hostPort):\(guestPort)/\(transport.rawValue)"
  }

  /// The host's side: `8080/tcp`, `192.0.2.1:8080/tcp`.
  public var place: String { (hostAddress.map { "\($0):" } ?? "") + "\(hostPort)/\(transport.rawValue)" }

  fileprivate static func invalid(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(
      .invalidPort,
      "Invalid port '\(text)': \(reason). Expected [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp], such as 8080:80/tcp")
  }
}

extension PublishedPort: Codable {
  private enum CodingKeys: String, CodingKey {
    case hostAddress = "hostIp"
    case hostPort, guestPort
    case transport = "protocol"
  }

  /// Encodes a port, with `null` for all host addresses.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(hostAddress, forKey: .hostAddress)
    try values.encode(hostPort, forKey: .hostPort)
    try values.encode(guestPort, forKey: .guestPort)
    try values.encode(transport, forKey: .transport)
  }
}

extension [PublishedPort] {
  /// - Throws: `INVALID_PORT` for too many ports, or two with the same host port.
  func validate() throws(TapestryError) {
    guard count <= PublishedPort.maximumPerAttachment else {
      throw TapestryError(
        .invalidPort, "\(count) ports: an attachment may publish at most \(PublishedPort.maximumPerAttachment)")
    }
    let places = Dictionary(grouping: self) { [UInt16($0.transport.number), $0.hostPort] }
    for ports in places.values where ports.count > 1 {
      for (index, port) in ports.enumerated() {
        guard let other = ports.dropFirst(index + 1).first(where: port.collides) else { continue }
        throw TapestryError(.invalidPort, "Ports '\(port)' and '\(other)' use the same host port")
      }
    }
  }

  /// Parses `[HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]`. A range is forwarded to as many guest ports, starting at
  /// GUEST_PORT. The default protocol is TCP.
  /// - Throws: `INVALID_PORT`.
  public init(parsing text: String) throws(TapestryError) {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    var words = (halves.first ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard halves.count <= 2, [2, 3].contains(words.count) else {
      throw PublishedPort.invalid(text, "it has too few or too many parts")
    }
    guard let transport = halves.count == 2 ? Transport(rawValue: String(halves[1])) : .tcp else {
      throw PublishedPort.invalid(text, "'\(halves[1])' is neither tcp nor udp")
    }
    let address = words.count == 3 ? words.removeFirst() : "0.0.0.0"
    guard let hostAddress = try? IPv4Address(parsing: address) else {
      throw PublishedPort.invalid(text, "'\(address)' is not an IPv4 address")
    }
    guard let hostPorts = ClosedRange<UInt16>(text: words[0]), hostPorts.lowerBound > 0 else {
      throw PublishedPort.invalid(text, "'\(words[0])' is not a port or port range")
    }
    guard let guestPort = ClosedRange<UInt16>(text: words[1]), guestPort.count == 1, guestPort.lowerBound > 0 else {
      throw PublishedPort.invalid(text, "'\(words[1])' is not a port")
    }
    guard hostPorts.count - 1 <= Int(UInt16.max - guestPort.lowerBound) else {
      throw PublishedPort.invalid(text, "the guest ports would exceed 65535")
    }
    self = hostPorts.map { port in
      PublishedPort(
        hostAddress: hostAddress.rawValue == 0 ? nil : hostAddress, hostPort: port,
        guestPort: guestPort.lowerBound + (port - hostPorts.lowerBound), transport: transport)
    }
  }
}
