public import NetTypes

/// Packets matched by destination address, protocol and destination port.
public struct Traffic: Hashable, Sendable {
  /// A prefix of one address family. Packets of the other family do not match.
  public var destination: IPPrefix
  /// IP protocols, by IANA number.
  public var protocols: ClosedRange<UInt8>
  /// Destination ports, in host byte order. All ports, unless `protocols` is only TCP or only UDP.
  public var ports: ClosedRange<UInt16>

  /// Creates traffic to a destination: by default of all protocols, to all ports.
  public init(
    to destination: IPPrefix, protocols: ClosedRange<UInt8> = Self.allProtocols,
    ports: ClosedRange<UInt16> = Self.allPorts
  ) {
    self.destination = destination
    self.protocols = protocols
    self.ports = ports
  }

  /// All IP protocols.
  public static let allProtocols: ClosedRange<UInt8> = 0...255
  /// All ports.
  public static let allPorts: ClosedRange<UInt16> = 0...65535

  static let icmp: UInt8 = 1
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  static let icmpv6: UInt8 = 58

  /// Whether a packet with this destination address, protocol and destination port matches.
  /// - Parameter port: In host byte order. Any value for protocols without ports.
  public func contains(_ address: IPAddress, protocolNumber: UInt8, port: UInt16) -> Bool {
    destination.contains(address) && isOfService(protocolNumber: protocolNumber, port: port)
  }

  /// Whether protocol and port match, regardless of the destination.
  func isOfService(protocolNumber: UInt8, port: UInt16) -> Bool {
    protocols.contains(protocolNumber) && ports.contains(port)
  }
}

// MARK: - Differences

extension Traffic {
  func overlaps(_ other: Traffic) -> Bool {
    destination.overlaps(other.destination) && protocols.overlaps(other.protocols) && ports.overlaps(other.ports)
  }

  /// The traffic in this and not in `other`, as disjoint parts.
  func subtracting(_ other: Traffic) -> [Traffic] {
    guard overlaps(other) else { return [self] }
    var parts: [Traffic] = []
    var rest = self
    // Addresses first: split the prefix in half until the rest is within `other`.
    while !other.destination.contains(rest.destination), let (low, high) = rest.destination.halves {
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

extension ClosedRange where Bound: FixedWidthInteger {
  /// The parts below and above the other range.
  fileprivate func outside(_ other: ClosedRange) -> [ClosedRange] {
    var parts: [ClosedRange] = []
    if lowerBound < other.lowerBound { parts.append(lowerBound...(other.lowerBound - 1)) }
    if upperBound > other.upperBound { parts.append((other.upperBound + 1)...upperBound) }
    return parts
  }
}
