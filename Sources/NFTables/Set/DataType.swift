/// The data type of a value: a data type of nft(8). Its number is part of a set's type (NFTA_SET_KEY_TYPE), from which
/// `nft list` knows how to print elements. The kernel ignores it.
public struct DataType: Hashable, Sendable, CustomStringConvertible {
  /// `enum byteorder` of nft(8).
  public enum ByteOrder: UInt32, Hashable, Sendable {
    /// No byte order: a concatenation, a verdict, most types of one byte.
    case none = 0
    /// Host byte order.
    case host = 1
    /// Network byte order.
    case network = 2
  }

  /// The number of the type in nft(8): `enum datatypes`.
  public var number: UInt32
  /// The name in nft(8): `ipv4_addr`.
  public var name: String
  /// The size of a value in bytes.
  public var size: Int
  /// The byte order of a value.
  public var byteOrder: ByteOrder

  private init(_ number: UInt32, _ name: String, _ size: Int, _ byteOrder: ByteOrder) {
    self.number = number
    self.name = name
    self.size = size
    self.byteOrder = byteOrder
  }

  /// A type that this code does not know, or whose size depends on its use.
  static func unknown(_ number: UInt32, size: Int) -> DataType { DataType(number, "type_\(number)", size, .none) }

  /// The protocol family: AF_INET or AF_INET6.
  public static let nfproto = DataType(2, "nf_proto", 1, .none)
  /// An IPv4 address.
  public static let ipv4Address = DataType(7, "ipv4_addr", 4, .network)
  /// An IPv6 address.
  public static let ipv6Address = DataType(8, "ipv6_addr", 16, .network)
  /// A MAC address.
  public static let etherAddress = DataType(9, "ether_addr", 6, .network)
  /// An EtherType.
  public static let etherType = DataType(10, "ether_type", 2, .network)
  /// An ARP operation.
  public static let arpOperation = DataType(11, "arp_op", 2, .network)
  /// A protocol over IP, such as 6 for TCP.
  public static let inetProtocol = DataType(12, "inet_proto", 1, .none)
  /// A port.
  public static let inetService = DataType(13, "inet_service", 2, .network)
  /// An ICMP type.
  public static let icmpType = DataType(14, "icmp_type", 1, .network)
  /// TCP flags.
  public static let tcpFlag = DataType(15, "tcp_flag", 1, .network)
  /// A packet or connection mark.
  public static let mark = DataType(19, "mark", 4, .host)
  /// The index of an interface.
  public static let interfaceIndex = DataType(20, "iface_index", 4, .host)
  /// A device type: ARPHRD_ of linux/if_arp.h.
  public static let deviceType = DataType(21, "iface_type", 2, .host)
  /// Bits of `ct state`: `ConnectionState`.
  public static let connectionState = DataType(26, "ct_state", 4, .host)
  /// A direction of a connection: IP_CT_DIR_.
  public static let connectionDirection = DataType(27, "ct_dir", 1, .none)
  /// Bits of `ct status`: `ConnectionStatus`.
  public static let connectionStatus = DataType(28, "ct_status", 4, .host)
  /// An ICMPv6 type.
  public static let icmpv6Type = DataType(29, "icmpv6_type", 1, .network)
  /// The type of a frame's destination: PACKET_ of linux/if_packet.h.
  public static let packetType = DataType(31, "pkt_type", 1, .host)
  /// An interface group: IFLA_GROUP.
  public static let deviceGroup = DataType(35, "devgroup", 4, .host)
  /// A route type, as the routing table gives it for an address: RTN_ of linux/rtnetlink.h.
  public static let routeType = DataType(38, "fib_addrtype", 4, .host)
  /// 0 or 1.
  public static let boolean = DataType(39, "boolean", 1, .none)
  /// An integer of this many bytes.
  static func integer(_ size: Int) -> DataType { DataType(4, "integer", size, .network) }
  var isInteger: Bool { number == 4 }

  /// The size of a value within a concatenation.
  var paddedSize: Int { (size + 3) & ~3 }
  /// An interface name: IFNAMSIZ, 16 bytes, padded with zeros.
  public static let interfaceName = DataType(41, "ifname", 16, .host)

  /// The types that can be a set's key types.
  static let known = Dictionary(
    uniqueKeysWithValues: [
      nfproto, ipv4Address, ipv6Address, etherAddress, etherType, arpOperation, inetProtocol, inetService, icmpType,
      tcpFlag, mark, interfaceIndex, deviceType, connectionState, connectionDirection, connectionStatus, icmpv6Type,
      packetType, deviceGroup, routeType, boolean, interfaceName,
    ].map { ($0.number, $0) })

  /// The name in nft(8).
  public var description: String { name }
}

extension DataType {
  /// Types are equal if their number and size are.
  public static func == (left: Self, right: Self) -> Bool { left.number == right.number && left.size == right.size }

  /// Hashes the number and the size.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    hasher.combine(size)
  }
}

// MARK: - Concatenations

extension [DataType] {
  /// NFTA_SET_KEY_TYPE: six bits for each type, the first type highest.
  var composedNumber: UInt32 { reduce(0) { $0 << 6 | $1.number } }

  /// The size of a value in bytes. In a concatenation, each part is padded to four.
  var valueSize: Int { count == 1 ? self[0].size : reduce(0) { $0 + $1.paddedSize } }

  /// The byte order in the user data of a set.
  var byteOrder: DataType.ByteOrder { count == 1 ? self[0].byteOrder : .none }

  /// Splits a composed type. If a part is unknown, or the sizes do not add up, the result is a single unknown type.
  init(composed number: UInt32, size: Int) {
    var types: [DataType] = []
    var rest = number
    while rest != 0 {
      if rest & 0x3f == DataType.integer(0).number {
        types.insert(.integer(0), at: 0)
        rest >>= 6
        continue
      }
      guard let type = DataType.known[rest & 0x3f] else {
        self = [.unknown(number, size: size)]
        return
      }
      types.insert(type, at: 0)
      rest >>= 6
    }
    // An integer takes the bytes that the other types leave.
    if let place = types.firstIndex(where: \.isInteger) {
      types[place] = .integer(Swift.max(0, size - types.valueSize))
    }
    self = !types.isEmpty && types.valueSize == size ? types : [.unknown(number, size: size)]
  }

  /// `ifname . ether_addr`.
  var text: String { map(\.name).joined(separator: " . ") }
}
