public import NetTypes

/// Packets to some addresses, of some protocols, to some ports.
public struct Traffic: Hashable, Sendable {
  public var destination: IPv4Prefix
  /// Protocols over IPv4, by their IANA numbers.
  public var protocols: ClosedRange<UInt8>
  /// Destination ports, in host byte order; all of them, unless `protocols` is TCP or UDP alone.
  public var ports: ClosedRange<UInt16>

  public init(
    to destination: IPv4Prefix, protocols: ClosedRange<UInt8> = Self.allProtocols,
    ports: ClosedRange<UInt16> = Self.allPorts
  ) {
    self.destination = destination
    self.protocols = protocols
    self.ports = ports
  }

  public static let allProtocols: ClosedRange<UInt8> = 0...255
  public static let allPorts: ClosedRange<UInt16> = 0...65535

  static let icmp: UInt8 = 1
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17

  /// - Parameter port: In host byte order; whatever stands in its place in packets of protocols that have none.
  public func contains(_ address: IPv4Address, protocolNumber: UInt8, port: UInt16) -> Bool {
    destination.contains(address) && protocols.contains(protocolNumber) && ports.contains(port)
  }
}

// MARK: - Differences

extension Traffic {
  func overlaps(_ other: Traffic) -> Bool {
    destination.overlaps(other.destination) && protocols.overlaps(other.protocols) && ports.overlaps(other.ports)
  }

  /// What is in this and not in `other`, in parts that do not overlap.
  func subtracting(_ other: Traffic) -> [Traffic] {
    guard overlaps(other) else { return [self] }
    var parts: [Traffic] = []
    var rest = self
    // Addresses first: half of the prefix at a time, until what is left is within `other`.
    while !other.destination.contains(rest.destination) {
      let (low, high) = rest.destination.halves
      let isLow = low.overlaps(other.destination)
      parts.append(Traffic(to: isLow ? high : low, protocols: protocols, ports: ports))
      rest.destination = isLow ? low : high
    }
    for protocols in protocols.outside(other.protocols) {
      parts.append(Traffic(to: rest.destination, protocols: protocols, ports: ports))
    }
    rest.protocols = protocols.clamped(to: other.protocols)
    for ports in ports.outside(other.ports) {
      parts.append(Traffic(to: rest.destination, protocols: rest.protocols, ports: ports))
    }
    return parts
  }
}

extension IPv4Prefix {
  /// Of a prefix that is shorter than 32.
  fileprivate var halves: (low: IPv4Prefix, high: IPv4Prefix) {
    let middle = IPv4Address(rawValue: address.rawValue | UInt32(1) << (31 - prefixLength))
    return (
      IPv4Prefix(known: address, prefixLength: prefixLength + 1),
      IPv4Prefix(known: middle, prefixLength: prefixLength + 1)
    )
  }
}

extension ClosedRange where Bound: FixedWidthInteger {
  /// What is below the other range, and what is above it.
  fileprivate func outside(_ other: ClosedRange) -> [ClosedRange] {
    var parts: [ClosedRange] = []
    if lowerBound < other.lowerBound { parts.append(lowerBound...(other.lowerBound - 1)) }
    if upperBound > other.upperBound { parts.append((other.upperBound + 1)...upperBound) }
    return parts
  }
}
