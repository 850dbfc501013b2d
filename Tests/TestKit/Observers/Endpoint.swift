public import NetTypes

/// An IPv4 address and a port.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public var address: IPv4Address
  public var port: UInt16

  public init(_ address: IPv4Address, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  public var description: String { "\(address):\(port)" }
}

/// A UDP datagram that has arrived.
public struct Datagram: Hashable, Sendable {
  public var source: Endpoint
  public var destination: Endpoint
  public var payload: [UInt8]

  public var text: String { String(decoding: payload, as: UTF8.self) }
}
