/// The fields by their names. A field that a packet need not have is only read where a rule has checked for it.
extension Field {
  public static let iifname = Field("meta iifname", .interfaceName, .meta(.iifname))
  public static let oifname = Field("meta oifname", .interfaceName, .meta(.oifname))
  public static let nfproto = Field("meta nfproto", .nfproto, .meta(.nfproto))
  public static let l4proto = Field("meta l4proto", .inetProtocol, .meta(.l4proto))
  public static let metaProtocol = Field("meta protocol", .etherType, .meta(.protocol))
  public static let packetType = Field("meta pkttype", .packetType, .meta(.pkttype))
  public static let mark = Field("meta mark", .mark, .meta(.mark))
  /// What kind of device the packet came in by: ARPHRD_ of linux/if_arp.h.
  public static let iifType = Field("meta iiftype", .deviceType, .meta(.iiftype))
  public static let oifType = Field("meta oiftype", .deviceType, .meta(.oiftype))
  /// What kind of link the packet came in by: `vrf`, `bridge`; empty for hardware.
  public static let iifKind = Field("meta iifkind", .interfaceName, .meta(.iifkind))
  public static let iifGroup = Field("meta iifgroup", .deviceGroup, .meta(.iifgroup))
  public static let oifGroup = Field("meta oifgroup", .deviceGroup, .meta(.oifgroup))

  public static let etherDestination = Field(
    "ether daddr", .etherAddress, .payload(.link, offset: 0, length: 6), .ethernet)
  public static let etherSource = Field("ether saddr", .etherAddress, .payload(.link, offset: 6, length: 6), .ethernet)
  public static let etherType = Field("ether type", .etherType, .payload(.link, offset: 12, length: 2), .ethernet)

  public static let arpOperation = Field("arp operation", .arpOperation, .payload(.network, offset: 6, length: 2), .arp)
  public static let arpSourceEther = Field(
    "arp saddr ether", .etherAddress, .payload(.network, offset: 8, length: 6), .arp)
  public static let arpSourceIP = Field("arp saddr ip", .ipv4Address, .payload(.network, offset: 14, length: 4), .arp)
  public static let arpTargetEther = Field(
    "arp daddr ether", .etherAddress, .payload(.network, offset: 18, length: 6), .arp)
  public static let arpTargetIP = Field("arp daddr ip", .ipv4Address, .payload(.network, offset: 24, length: 4), .arp)

  /// The kinds of the addresses that an ARP packet is about (RFC 826), `0x00010800` for Ethernet's and IPv4's: `arp htype` and
  /// `arp ptype`.
  public static let arpKinds = Field("@nh,0,32", .integer(4), .payload(.network, offset: 0, length: 4), .arp)
  /// Their sizes, `0x0604`: `arp hlen` and `arp plen`.
  public static let arpSizes = Field("@nh,32,16", .integer(2), .payload(.network, offset: 4, length: 2), .arp)

  /// The version, and the length of the header in words: 0x45 where it has no options.
  public static let ipFirstByte = Field("@nh,0,8", .integer(1), .payload(.network, offset: 0, length: 1), .ipv4)
  /// Where in the whole packet the fragment begins, in 8 bytes, and above that two flags: more fragments follow (0x2000),
  /// and no fragments are to be made of it (0x4000).
  public static let ipFragment = Field("ip frag-off", .integer(2), .payload(.network, offset: 6, length: 2), .ipv4)
  public static let ipProtocol = Field(
    "ip protocol", .inetProtocol, .payload(.network, offset: 9, length: 1, checksum: .ipv4), .ipv4)
  public static let ipSource = Field(
    "ip saddr", .ipv4Address, .payload(.network, offset: 12, length: 4, checksum: .ipv4Address), .ipv4)
  public static let ipDestination = Field(
    "ip daddr", .ipv4Address, .payload(.network, offset: 16, length: 4, checksum: .ipv4Address), .ipv4)
  public static let icmpType = Field(
    "icmp type", .icmpType, .payload(.transport, offset: 0, length: 1), .carriedByIPv4, .transport(1))

  /// `icmp type` and `icmp code`, which nft compares as one where a rule has both.
  public static let icmpTypeAndCode = Field(
    "@th,0,16", .integer(2), .payload(.transport, offset: 0, length: 2), .carriedByIPv4, .transport(1))

  /// The source address of the packet that an ICMP error quotes (RFC 792): nft's `@th,160,32`.
  ///
  /// Its header has a checksum of its own. Where that is mended, the sum over the header stays what it was, and so does
  /// ICMP's.
  public static let quotedSource = Field(
    "@th,160,32", .ipv4Address, .payload(.transport, offset: 20, length: 4, checksum: .quotedIPv4),
    .transport(1))
  /// The destination address of the packet that an ICMP error quotes: nft's `@th,192,32`.
  public static let quotedDestination = Field(
    "@th,192,32", .ipv4Address, .payload(.transport, offset: 24, length: 4, checksum: .quotedIPv4),
    .transport(1))

  /// The client's hardware address in a DHCP message over UDP (RFC 2131, 2: `chaddr`, of 6 bytes): nft's `@th,288,48`.
  public static let dhcpClientEther = Field(
    "@th,288,48", .etherAddress, .payload(.transport, offset: 36, length: 6), .ipv4, .transport(17))

  /// The relay's address in a DHCP message over UDP (RFC 2131, 2: `giaddr`), 0 from a client: nft's `@th,256,32`.
  public static let dhcpRelay = Field(
    "@th,256,32", .ipv4Address, .payload(.transport, offset: 32, length: 4), .ipv4, .transport(17))

  /// How long all that follows the header is, in bytes, and what that is: `ip6 length` and `ip6 nexthdr`, which nft compares as one where a rule has both.
  public static let ip6LengthAndNextHeader = Field(
    "@nh,32,24", .integer(3), .payload(.network, offset: 4, length: 3), .ipv6)
  /// What follows the header: a protocol, or an extension header.
  public static let ip6NextHeader = Field(
    "ip6 nexthdr", .inetProtocol, .payload(.network, offset: 6, length: 1), .ipv6)
  public static let ip6Source = Field(
    "ip6 saddr", .ipv6Address, .payload(.network, offset: 8, length: 16, checksum: .ipv6Address), .ipv6)
  public static let ip6Destination = Field(
    "ip6 daddr", .ipv6Address, .payload(.network, offset: 24, length: 16, checksum: .ipv6Address), .ipv6)
  public static let icmpv6Type = Field(
    "icmpv6 type", .icmpv6Type, .payload(.transport, offset: 0, length: 1), .carriedByIPv6, .transport(58))

  /// The address that a neighbour solicitation or advertisement is about (RFC 4861, 4.3 and 4.4): nft's `@th,64,128`.
  public static let neighborTarget = Field(
    "@th,64,128", .ipv6Address, .payload(.transport, offset: 8, length: 16), .ipv6, .transport(58))
  /// Type and length of the first option of a neighbour solicitation or advertisement: nft's `@th,192,16`.
  public static let neighborOption = Field(
    "@th,192,16", .integer(2), .payload(.transport, offset: 24, length: 2), .ipv6, .transport(58))
  /// The MAC in that option, where it has one: nft's `@th,208,48`.
  public static let neighborOptionAddress = Field(
    "@th,208,48", .etherAddress, .payload(.transport, offset: 26, length: 6), .ipv6, .transport(58))
  /// Type and length of the first option of a router solicitation (RFC 4861, 4.1): nft's `@th,64,16`.
  public static let solicitationOption = Field(
    "@th,64,16", .integer(2), .payload(.transport, offset: 8, length: 2), .ipv6, .transport(58))
  /// The MAC in that option, where it has one: nft's `@th,80,48`.
  public static let solicitationOptionAddress = Field(
    "@th,80,48", .etherAddress, .payload(.transport, offset: 10, length: 6), .ipv6, .transport(58))
  /// The destination address of the packet that an ICMPv6 error quotes (RFC 4443): nft's `@th,256,128`.
  public static let quotedDestination6 = Field(
    "@th,256,128", .ipv6Address, .payload(.transport, offset: 32, length: 16), .ipv6, .transport(58))
  /// Whether the packet says by which nodes it is to go (RFC 8200, 4.4): nft's `exthdr rt`.
  public static let routingHeader = Field("exthdr rt", .boolean, .hasExtensionHeader(43), .carriedByIPv6)
  /// Whether the packet is a fragment (RFC 8200, 4.5), be it the only one: nft's `exthdr frag`.
  public static let fragmentHeader = Field("exthdr frag", .boolean, .hasExtensionHeader(44), .carriedByIPv6)
  /// Where in the whole packet the fragment begins, in bytes, and three bits that say something else: masked, nft's
  /// `frag frag-off`.
  public static let fragmentOffset = Field(
    "frag frag-off", .integer(2), .extensionHeader(44, offset: 2, length: 2), .carriedByIPv6)

  /// The source port of whatever protocol has one: nft's `th sport`.
  public static let sourcePort = Field("th sport", .inetService, .payload(.transport, offset: 0, length: 2))
  /// The destination port of whatever protocol has one: nft's `th dport`.
  public static let destinationPort = Field("th dport", .inetService, .payload(.transport, offset: 2, length: 2))
  public static let tcpSourcePort = Field(
    "tcp sport", .inetService, .payload(.transport, offset: 0, length: 2), .transport(6))
  public static let tcpDestinationPort = Field(
    "tcp dport", .inetService, .payload(.transport, offset: 2, length: 2), .transport(6))
  public static let tcpFlags = Field(
    "tcp flags", .tcpFlag, .payload(.transport, offset: 13, length: 1), .transport(6))
  public static let udpSourcePort = Field(
    "udp sport", .inetService, .payload(.transport, offset: 0, length: 2), .transport(17))
  public static let udpDestinationPort = Field(
    "udp dport", .inetService, .payload(.transport, offset: 2, length: 2), .transport(17))

  public static let ctState = Field("ct state", .connectionState, .ct(.state, nil))
  public static let ctStatus = Field("ct status", .connectionStatus, .ct(.status, nil))
  public static let ctDirection = Field("ct direction", .connectionDirection, .ct(.direction, nil))
  /// Where the packet that began the connection was sent to, before address translation.
  public static let originalDestination = Field(
    "ct original ip daddr", .ipv4Address, .ct(.destinationIPv4, .original))
  /// The port that the packet which began the connection was sent to, before address translation.
  public static let originalPort = Field(
    "ct original proto-dst", .inetService, .ct(.protocolDestination, .original))
  public static let ctMark = Field("ct mark", .mark, .ct(.mark, nil))

  /// The neighbour that the packet goes to: a router's address, or its own destination's.
  public static let nextHop = Field("rt ip nexthop", .ipv4Address, .route(.nextHopIPv4), .ipv4)
  public static let nextHop6 = Field("rt ip6 nexthop", .ipv6Address, .route(.nextHopIPv6), .ipv6)

  /// What kind of address the destination is: nft's `fib daddr type`.
  public static let destinationRouteType = Field("fib daddr type", .routeType, .fib(.type, .destination))
  /// What kind of address the source is: nft's `fib saddr type`.
  public static let sourceRouteType = Field("fib saddr type", .routeType, .fib(.type, .source))

  /// All of them, those of one protocol before those of any.
  static let named: [Field] = [
    iifname, oifname, nfproto, l4proto, metaProtocol, packetType, mark, iifType, oifType, iifKind, iifGroup, oifGroup,
    etherDestination,
    etherSource, etherType, arpOperation, arpSourceEther, arpSourceIP, arpTargetEther, arpTargetIP, arpKinds, arpSizes,
    ipFirstByte, ipFragment, ipProtocol,
    ipSource, ipDestination, icmpType, icmpTypeAndCode, quotedSource, quotedDestination, dhcpClientEther, dhcpRelay,
    ip6LengthAndNextHeader,
    ip6NextHeader, ip6Source, ip6Destination,
    icmpv6Type, neighborTarget, neighborOption, neighborOptionAddress, solicitationOption, solicitationOptionAddress,
    quotedDestination6, routingHeader, fragmentHeader, fragmentOffset, tcpSourcePort, tcpDestinationPort, tcpFlags,
    udpSourcePort, udpDestinationPort, sourcePort, destinationPort, ctState, ctStatus, ctDirection, ctMark,
    originalDestination,
    originalPort,
    nextHop, nextHop6, destinationRouteType, sourceRouteType,
  ]
}
