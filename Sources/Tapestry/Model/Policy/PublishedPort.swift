public import NetTypes

/// A port of the host that leads to one of a guest's.
public struct PublishedPort: Hashable, Sendable {
  /// The address of the host at which it is published; nil for all of them.
  public var hostAddress: IPv4Address?
  /// In host byte order.
  public var hostPort: UInt16
  /// In host byte order.
  public var guestPort: UInt16
  public var transport: Transport

  public init(hostAddress: IPv4Address? = nil, hostPort: UInt16, guestPort: UInt16, transport: Transport = .tcp) {
    self.hostAddress = hostAddress
    self.hostPort = hostPort
    self.guestPort = guestPort
    self.transport = transport
  }

  /// Whether both cannot be published at once.
  func collides(with other: PublishedPort) -> Bool {
    guard transport == other.transport, hostPort == other.hostPort else { return false }
    guard let hostAddress, let otherAddress = other.hostAddress else { return true }
    return hostAddress == otherAddress
  }

  /// Whether it is found at an address of 127.0.0.0/8.
  var isAtLoopback: Bool { hostAddress.map { $0.rawValue >> 24 == 127 } ?? true }

  /// How many ports an attachment may publish.
  public static let maximumPerAttachment = 4096
}

extension PublishedPort: Comparable {
  public static func < (one: PublishedPort, other: PublishedPort) -> Bool { one.order < other.order }

  private var order: (UInt16, String, UInt32, UInt16) {
    (hostPort, transport.rawValue, hostAddress?.rawValue ?? 0, guestPort)
  }
}

extension PublishedPort: CustomStringConvertible {
  /// `8080:80/tcp`, with its address `192.0.2.1:8080:80/tcp`.
  public var description: String {
    (hostAddress.map { "\($0):" } ?? "") + "\(hostPort):\(guestPort)/\(transport.rawValue)"
  }

  /// Where it is to be found: `8080/tcp`, `192.0.2.1:8080/tcp`.
  public var place: String { (hostAddress.map { "\($0):" } ?? "") + "\(hostPort)/\(transport.rawValue)" }

  /// Reads `[HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]`. A range leads to as many of the guest's ports, from
  /// GUEST_PORT on. Without a protocol it is TCP.
  /// - Throws: `INVALID_PORT`.
  public static func parse(_ text: String) throws(TapestryError) -> [PublishedPort] {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    var words = (halves.first ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard halves.count <= 2, [2, 3].contains(words.count) else {
      throw invalid(text, "it has too few or too many parts")
    }
    guard let transport = halves.count == 2 ? Transport(rawValue: String(halves[1])) : .tcp else {
      throw invalid(text, "'\(halves[1])' is neither tcp nor udp")
    }
    let address = words.count == 3 ? words.removeFirst() : "0.0.0.0"
    guard let hostAddress = try? IPv4Address(parsing: address) else {
      throw invalid(text, "'\(address)' is no IPv4 address")
    }
    guard let hostPorts = ClosedRange<UInt16>(text: words[0]), hostPorts.lowerBound > 0 else {
      throw invalid(text, "'\(words[0])' is no port or range of ports")
    }
    guard let guestPort = ClosedRange<UInt16>(text: words[1]), guestPort.count == 1, guestPort.lowerBound > 0 else {
      throw invalid(text, "'\(words[1])' is no port")
    }
    guard hostPorts.count - 1 <= Int(UInt16.max - guestPort.lowerBound) else {
      throw invalid(text, "the guest's ports would end beyond 65535")
    }
    return hostPorts.map { port in
      PublishedPort(
        hostAddress: hostAddress.rawValue == 0 ? nil : hostAddress, hostPort: port,
        guestPort: guestPort.lowerBound + (port - hostPorts.lowerBound), transport: transport)
    }
  }

  private static func invalid(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(
      .invalidPort,
      "Invalid port '\(text)': \(reason). Expected [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp], as in 8080:80/tcp")
  }
}

extension PublishedPort: Codable {
  private enum CodingKeys: String, CodingKey {
    case hostAddress = "hostIp"
    case hostPort, guestPort
    case transport = "protocol"
  }
}

extension [PublishedPort] {
  /// - Throws: `INVALID_PORT` for too many, or two that are the same port of the host.
  func validate() throws(TapestryError) {
    guard count <= PublishedPort.maximumPerAttachment else {
      throw TapestryError(
        .invalidPort, "\(count) ports: an attachment may publish \(PublishedPort.maximumPerAttachment) at most")
    }
    let places = Dictionary(grouping: self) { [UInt16($0.transport.number), $0.hostPort] }
    for ports in places.values where ports.count > 1 {
      for (index, port) in ports.enumerated() {
        guard let other = ports.dropFirst(index + 1).first(where: port.collides) else { continue }
        throw TapestryError(.invalidPort, "Ports '\(port)' and '\(other)' are the same port of the host")
      }
    }
  }
}
