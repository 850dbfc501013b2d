/// Something a packet has that a rule can load, compare and look up: `ip saddr`, `meta iifname`, `ct state`.
public struct Field: Hashable, Sendable {
  /// How it is loaded.
  enum Source: Hashable, Sendable {
    case meta(Meta.Key)
    case ct(ConnectionTracking.Key, ConnectionTracking.Direction?)
    case fib(RouteLookup.Result, RouteLookup.Flags)
    case payload(Payload.Base, offset: UInt32, length: UInt32, checksum: Payload.Checksum = .none)
  }

  public var type: DataType
  var source: Source
  /// What a packet must be to have the field. A rule checks it before it loads the field.
  var requirements: [Requirement] = []

  init(_ type: DataType, _ source: Source, _ requirements: Requirement...) {
    self.type = type
    self.source = source
    self.requirements = requirements
  }

  func load(into register: Register) -> Expression {
    switch source {
    case .meta(let key): Expression(.meta(Meta(key, .load(register))))
    case .ct(let key, let direction):
      Expression(.ct(ConnectionTracking(key, .load(register), direction: direction)))
    case .fib(let result, let flags): Expression(.fib(RouteLookup(result, of: flags, into: register)))
    case .payload(let base, let offset, let length, _):
      Expression(.payload(Payload(base, offset: offset, length: length, .load(register))))
    }
  }

  /// nil where the field cannot be set.
  func store(from register: Register) -> Expression? {
    switch source {
    case .meta(let key): Expression(.meta(Meta(key, .store(register))))
    case .ct(let key, let direction):
      Expression(.ct(ConnectionTracking(key, .store(register), direction: direction)))
    case .fib: nil
    case .payload(let base, let offset, let length, let checksum):
      Expression(.payload(Payload(base, offset: offset, length: length, .store(register), checksum: checksum)))
    }
  }
}

// MARK: - What nft calls them

extension Field {
  public static let iifname = Field(.interfaceName, .meta(.iifname))
  public static let oifname = Field(.interfaceName, .meta(.oifname))
  public static let nfproto = Field(.nfproto, .meta(.nfproto))
  public static let l4proto = Field(.inetProtocol, .meta(.l4proto))
  public static let metaProtocol = Field(.etherType, .meta(.protocol))
  public static let packetType = Field(.packetType, .meta(.pkttype))
  public static let mark = Field(.mark, .meta(.mark))
  public static let iifGroup = Field(.deviceGroup, .meta(.iifgroup))
  public static let oifGroup = Field(.deviceGroup, .meta(.oifgroup))

  public static let etherDestination = Field(.etherAddress, .payload(.link, offset: 0, length: 6), .ethernet)
  public static let etherSource = Field(.etherAddress, .payload(.link, offset: 6, length: 6), .ethernet)
  public static let etherType = Field(.etherType, .payload(.link, offset: 12, length: 2), .ethernet)

  public static let arpOperation = Field(.arpOperation, .payload(.network, offset: 6, length: 2), .arp)
  public static let arpSourceEther = Field(.etherAddress, .payload(.network, offset: 8, length: 6), .arp)
  public static let arpSourceIP = Field(.ipv4Address, .payload(.network, offset: 14, length: 4), .arp)
  public static let arpTargetEther = Field(.etherAddress, .payload(.network, offset: 18, length: 6), .arp)
  public static let arpTargetIP = Field(.ipv4Address, .payload(.network, offset: 24, length: 4), .arp)

  public static let ipProtocol = Field(
    .inetProtocol, .payload(.network, offset: 9, length: 1, checksum: .ipv4), .ipv4)
  public static let ipSource = Field(
    .ipv4Address, .payload(.network, offset: 12, length: 4, checksum: .ipv4Address), .ipv4)
  public static let ipDestination = Field(
    .ipv4Address, .payload(.network, offset: 16, length: 4, checksum: .ipv4Address), .ipv4)
  public static let icmpType = Field(
    .icmpType, .payload(.transport, offset: 0, length: 1), .ipv4, .transport(1))

  public static let ip6Source = Field(
    .ipv6Address, .payload(.network, offset: 8, length: 16, checksum: .ipv6Address), .ipv6)
  public static let ip6Destination = Field(
    .ipv6Address, .payload(.network, offset: 24, length: 16, checksum: .ipv6Address), .ipv6)
  public static let icmpv6Type = Field(
    .icmpv6Type, .payload(.transport, offset: 0, length: 1), .ipv6, .transport(58))

  /// The source port of whatever protocol has one: nft's `th sport`.
  public static let sourcePort = Field(.inetService, .payload(.transport, offset: 0, length: 2))
  /// The destination port of whatever protocol has one: nft's `th dport`.
  public static let destinationPort = Field(.inetService, .payload(.transport, offset: 2, length: 2))
  public static let tcpSourcePort = Field(.inetService, .payload(.transport, offset: 0, length: 2), .transport(6))
  public static let tcpDestinationPort = Field(.inetService, .payload(.transport, offset: 2, length: 2), .transport(6))
  public static let udpSourcePort = Field(.inetService, .payload(.transport, offset: 0, length: 2), .transport(17))
  public static let udpDestinationPort = Field(.inetService, .payload(.transport, offset: 2, length: 2), .transport(17))

  public static let ctState = Field(.connectionState, .ct(.state, nil))
  public static let ctStatus = Field(.connectionStatus, .ct(.status, nil))
  public static let ctDirection = Field(.connectionDirection, .ct(.direction, nil))
  public static let ctMark = Field(.mark, .ct(.mark, nil))

  /// What kind of address the destination is: nft's `fib daddr type`.
  public static let destinationRouteType = Field(.routeType, .fib(.type, .destination))
  /// What kind of address the source is: nft's `fib saddr type`.
  public static let sourceRouteType = Field(.routeType, .fib(.type, .source))
}
