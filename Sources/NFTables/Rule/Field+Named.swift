/// The named fields. A field that not every packet has is only read after a rule has checked for it.
extension Field {
  /// The name of the input interface.
  public static let iifname = Field("meta iifname", .interfaceName, .meta(.iifname))
  /// The name of the output interface.
  public static let oifname = Field("meta oifname", .interfaceName, .meta(.oifname))
  /// The network protocol of the packet: IPv4 or IPv6.
  public static let nfproto = Field("meta nfproto", .nfproto, .meta(.nfproto))
  /// The transport protocol, after the extension headers.
  public static let l4proto = Field("meta l4proto", .inetProtocol, .meta(.l4proto))
  /// The EtherType of the packet.
  public static let metaProtocol = Field("meta protocol", .etherType, .meta(.protocol))
  /// The type of the frame's destination: host, broadcast, multicast, other.
  public static let packetType = Field("meta pkttype", .packetType, .meta(.pkttype))
  /// The packet's mark.
  public static let mark = Field("meta mark", .mark, .meta(.mark))
  /// The device type of the input interface: ARPHRD_ of linux/if_arp.h.
  public static let iifType = Field("meta iiftype", .deviceType, .meta(.iiftype))
  /// The device type of the output interface: ARPHRD_ of linux/if_arp.h.
  public static let oifType = Field("meta oiftype", .deviceType, .meta(.oiftype))
  /// The kind of the input interface (IFLA_INFO_KIND): `vrf`, `bridge`; empty for hardware.
  public static let iifKind = Field("meta iifkind", .interfaceName, .meta(.iifkind))
  /// The group of the input interface (IFLA_GROUP).
  public static let iifGroup = Field("meta iifgroup", .deviceGroup, .meta(.iifgroup))
  /// The group of the output interface (IFLA_GROUP).
  public static let oifGroup = Field("meta oifgroup", .deviceGroup, .meta(.oifgroup))

  /// The destination MAC address.
  public static let etherDestination = Field(
    "ether daddr", .etherAddress, .payload(.link, offset: 0, length: 6), .ethernet)
  /// The source MAC address.
  public static let etherSource = Field("ether saddr", .etherAddress, .payload(.link, offset: 6, length: 6), .ethernet)
  /// The EtherType of the frame.
  public static let etherType = Field("ether type", .etherType, .payload(.link, offset: 12, length: 2), .ethernet)

  /// The ARP operation (RFC 826): 1 request, 2 reply.
  public static let arpOperation = Field("arp operation", .arpOperation, .payload(.network, offset: 6, length: 2), .arp)
  /// The sender's MAC address.
  public static let arpSourceEther = Field(
    "arp saddr ether", .etherAddress, .payload(.network, offset: 8, length: 6), .arp)
  /// The sender's IPv4 address.
  public static let arpSourceIP = Field("arp saddr ip", .ipv4Address, .payload(.network, offset: 14, length: 4), .arp)
  /// The target's IPv4 address.
  public static let arpTargetIP = Field("arp daddr ip", .ipv4Address, .payload(.network, offset: 24, length: 4), .arp)

  /// `arp htype` and `arp ptype`, the address types of an ARP packet (RFC 826): `0x00010800` for Ethernet and IPv4.
  public static let arpKinds = Field("@nh,0,32", .integer(4), .payload(.network, offset: 0, length: 4), .arp)
  /// `arp hlen` and `arp plen`, the lengths of these addresses: `0x0604`.
  public static let arpSizes = Field("@nh,32,16", .integer(2), .payload(.network, offset: 4, length: 2), .arp)

  /// The IP version and the header length in 32-bit words: 0x45 without options.
  public static let ipFirstByte = Field("@nh,0,8", .integer(1), .payload(.network, offset: 0, length: 1), .ipv4)
  /// The fragment offset in units of 8 bytes (the lower 13 bits), and above it the flags "more fragments" (0x2000) and
  /// "don't fragment" (0x4000).
  public static let ipFragment = Field("ip frag-off", .integer(2), .payload(.network, offset: 6, length: 2), .ipv4)
  /// The source address of the IPv4 header.
  public static let ipSource = Field(
    "ip saddr", .ipv4Address, .payload(.network, offset: 12, length: 4, checksum: .ipv4Address), .ipv4)
  /// The destination address of the IPv4 header.
  public static let ipDestination = Field(
    "ip daddr", .ipv4Address, .payload(.network, offset: 16, length: 4, checksum: .ipv4Address), .ipv4)
  /// The ICMP type.
  public static let icmpType = Field(
    "icmp type", .icmpType, .payload(.transport, offset: 0, length: 1), .carriedByIPv4, .transport(1))

  /// `icmp type` and `icmp code`. If a rule has both, nft compares them as one.
  public static let icmpTypeAndCode = Field(
    "@th,0,16", .integer(2), .payload(.transport, offset: 0, length: 2), .carriedByIPv4, .transport(1))

  /// The source address of the packet quoted in an ICMP error (RFC 792): `@th,160,32` in nft.
  ///
  /// The quoted header has its own checksum. If it is updated too, the sum over the quoted header, and so ICMP's checksum,
  /// stays the same.
  public static let quotedSource = Field(
    "@th,160,32", .ipv4Address, .payload(.transport, offset: 20, length: 4, checksum: .quotedIPv4),
    .transport(1))
  /// The destination address of the packet quoted in an ICMP error: `@th,192,32` in nft.
  public static let quotedDestination = Field(
    "@th,192,32", .ipv4Address, .payload(.transport, offset: 24, length: 4, checksum: .quotedIPv4),
    .transport(1))

  /// The client's hardware address in a DHCP message over UDP (RFC 2131, 2: `chaddr`, 6 bytes): `@th,288,48` in nft.
  public static let dhcpClientEther = Field(
    "@th,288,48", .etherAddress, .payload(.transport, offset: 36, length: 6), .ipv4, .transport(17))

  /// The relay's address in a DHCP message over UDP (RFC 2131, 2: `giaddr`), 0 from a client: `@th,256,32` in nft.
  public static let dhcpRelay = Field(
    "@th,256,32", .ipv4Address, .payload(.transport, offset: 32, length: 4), .ipv4, .transport(17))

  /// `ip6 length` and `ip6 nexthdr`: the length of the payload in bytes, and its type. If a rule has both, nft compares
  /// them as one.
  public static let ip6LengthAndNextHeader = Field(
    "@nh,32,24", .integer(3), .payload(.network, offset: 4, length: 3), .ipv6)
  /// The next header: a protocol or an extension header.
  public static let ip6NextHeader = Field(
    "ip6 nexthdr", .inetProtocol, .payload(.network, offset: 6, length: 1), .ipv6)
  /// The source address of the IPv6 header.
  public static let ip6Source = Field(
    "ip6 saddr", .ipv6Address, .payload(.network, offset: 8, length: 16, checksum: .ipv6Address), .ipv6)
  /// The destination address of the IPv6 header.
  public static let ip6Destination = Field(
    "ip6 daddr", .ipv6Address, .payload(.network, offset: 24, length: 16, checksum: .ipv6Address), .ipv6)
  /// The ICMPv6 type.
  public static let icmpv6Type = Field(
    "icmpv6 type", .icmpv6Type, .payload(.transport, offset: 0, length: 1), .carriedByIPv6, .transport(58))

  /// The target address of a neighbour solicitation or advertisement (RFC 4861, 4.3 and 4.4): `@th,64,128` in nft.
  public static let neighborTarget = Field(
    "@th,64,128", .ipv6Address, .payload(.transport, offset: 8, length: 16), .ipv6, .transport(58))
  /// The type and length of the first option of a neighbour solicitation or advertisement: `@th,192,16` in nft.
  public static let neighborOption = Field(
    "@th,192,16", .integer(2), .payload(.transport, offset: 24, length: 2), .ipv6, .transport(58))
  /// The MAC address in that option, if it has one: `@th,208,48` in nft.
  public static let neighborOptionAddress = Field(
    "@th,208,48", .etherAddress, .payload(.transport, offset: 26, length: 6), .ipv6, .transport(58))
  /// The type and length of the first option of a router solicitation (RFC 4861, 4.1): `@th,64,16` in nft.
  public static let solicitationOption = Field(
    "@th,64,16", .integer(2), .payload(.transport, offset: 8, length: 2), .ipv6, .transport(58))
  /// The MAC address in that option, if it has one: `@th,80,48` in nft.
  public static let solicitationOptionAddress = Field(
    "@th,80,48", .etherAddress, .payload(.transport, offset: 10, length: 6), .ipv6, .transport(58))
  /// The destination address of the packet quoted in an ICMPv6 error (RFC 4443): `@th,256,128` in nft.
  public static let quotedDestination6 = Field(
    "@th,256,128", .ipv6Address, .payload(.transport, offset: 32, length: 16), .ipv6, .transport(58))
  /// Whether the packet has a routing header (RFC 8200, 4.4): `exthdr rt` in nft.
  public static let routingHeader = Field("exthdr rt", .boolean, .hasExtensionHeader(43), .carriedByIPv6)
  /// Whether the packet has a fragment header (RFC 8200, 4.5), even if it is the only fragment: `exthdr frag` in nft.
  public static let fragmentHeader = Field("exthdr frag", .boolean, .hasExtensionHeader(44), .carriedByIPv6)
  /// The fragment offset in bytes, with three other bits at the low end. Masked, it is `frag frag-off` in nft.
  public static let fragmentOffset = Field(
    "frag frag-off", .integer(2), .extensionHeader(44, offset: 2, length: 2), .carriedByIPv6)

  /// The source port of any protocol with ports: `th sport` in nft.
  public static let sourcePort = Field("th sport", .inetService, .payload(.transport, offset: 0, length: 2))
  /// The destination port of any protocol with ports: `th dport` in nft.
  public static let destinationPort = Field("th dport", .inetService, .payload(.transport, offset: 2, length: 2))
  /// The TCP destination port.
  public static let tcpDestinationPort = Field(
    "tcp dport", .inetService, .payload(.transport, offset: 2, length: 2), .transport(6))
  /// The TCP flags.
  public static let tcpFlags = Field(
    "tcp flags", .tcpFlag, .payload(.transport, offset: 13, length: 1), .transport(6))
  /// The UDP source port.
  public static let udpSourcePort = Field(
    "udp sport", .inetService, .payload(.transport, offset: 0, length: 2), .transport(17))
  /// The UDP destination port.
  public static let udpDestinationPort = Field(
    "udp dport", .inetService, .payload(.transport, offset: 2, length: 2), .transport(17))

  /// The connection's state: `ConnectionState`.
  public static let ctState = Field("ct state", .connectionState, .ct(.state, nil))
  /// The connection's status: `ConnectionStatus`.
  public static let ctStatus = Field("ct status", .connectionStatus, .ct(.status, nil))
  /// The packet's direction: that of the original tuple or of the reply.
  public static let ctDirection = Field("ct direction", .connectionDirection, .ct(.direction, nil))
  /// The destination address of the connection's first packet, before NAT.
  public static let originalDestination = Field(
    "ct original ip daddr", .ipv4Address, .ct(.destinationIPv4, .original))
  /// The destination port of the connection's first packet, before NAT.
  public static let originalPort = Field(
    "ct original proto-dst", .inetService, .ct(.protocolDestination, .original))
  /// The connection's mark.
  public static let ctMark = Field("ct mark", .mark, .ct(.mark, nil))

  /// The next hop of the route: the address of a router, or the packet's destination.
  public static let nextHop = Field("rt ip nexthop", .ipv4Address, .route(.nextHopIPv4), .ipv4)
  /// The next hop of the IPv6 route: the address of a router, or the packet's destination.
  public static let nextHop6 = Field("rt ip6 nexthop", .ipv6Address, .route(.nextHopIPv6), .ipv6)

  /// The route type of the destination address: `fib daddr type` in nft.
  public static let destinationRouteType = Field("fib daddr type", .routeType, .fib(.type, .destination))
  /// The route type of the source address: `fib saddr type` in nft.
  public static let sourceRouteType = Field("fib saddr type", .routeType, .fib(.type, .source))

  /// All named fields; those of a single protocol come before those of any protocol.
  static let named: [Field] = [
    iifname, oifname, nfproto, l4proto, metaProtocol, packetType, mark, iifType, oifType, iifKind, iifGroup, oifGroup,
    etherDestination, etherSource, etherType, arpOperation, arpSourceEther, arpSourceIP, arpTargetIP, arpKinds,
    arpSizes, ipFirstByte, ipFragment, ipSource, ipDestination, icmpType, icmpTypeAndCode, quotedSource,
    quotedDestination, dhcpClientEther, dhcpRelay, ip6LengthAndNextHeader, ip6NextHeader, ip6Source, ip6Destination,
    icmpv6Type, neighborTarget, neighborOption, neighborOptionAddress, solicitationOption, solicitationOptionAddress,
    quotedDestination6, routingHeader, fragmentHeader, fragmentOffset, tcpDestinationPort, tcpFlags, udpSourcePort,
    udpDestinationPort, sourcePort, destinationPort, ctState, ctStatus, ctDirection, ctMark, originalDestination,
    originalPort, nextHop, nextHop6, destinationRouteType, sourceRouteType,
  ]
}
