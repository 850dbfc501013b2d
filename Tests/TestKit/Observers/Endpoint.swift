public import NetTypes

/// An address and a port.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public var ip: IPAddress
  public var port: UInt16

  public init(_ ip: IPAddress, _ port: UInt16) {
    self.ip = ip
    self.port = port
  }

  public init(_ address: some InternetAddress, _ port: UInt16) { self.init(IPAddress(address), port) }

  /// The address; 0.0.0.0 of IPv6.
  public var address: IPv4Address { if case .v4(let address) = ip { address } else { IPv4Address(0, 0, 0, 0) } }

  /// The address; `::` of IPv4.
  public var address6: IPv6Address { if case .v6(let address) = ip { address } else { IPv6Address(rawValue: 0) } }

  public var description: String {
    switch ip {
    case .v4(let address): "\(address):\(port)"
    case .v6(let address): "[\(address)]:\(port)"
    }
  }
}

/// A UDP datagram that has arrived.
public struct Datagram: Hashable, Sendable {
  public var source: Endpoint
  public var destination: Endpoint
  public var payload: [UInt8]

  public var text: String { String(decoding: payload, as: UTF8.self) }
}
