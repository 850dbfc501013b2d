/// What the bytes of a value mean: one of nft's data types. Its number is part of a set's type (NFTA_SET_KEY_TYPE), by
/// which `nft list` knows how to print; the kernel itself does not look at it.
public struct DataType: Hashable, Sendable, CustomStringConvertible {
  public enum ByteOrder: UInt32, Hashable, Sendable {
    /// Of no order: a concatenation, a verdict, most types of one byte.
    case none = 0
    case host = 1
    case network = 2
  }

  /// nft's number of the type: `enum datatypes`.
  public var number: UInt32
  /// The word that nft(8) uses: `ipv4_addr`.
  public var name: String
  /// The size of a value in bytes.
  public var size: Int
  public var byteOrder: ByteOrder

  private init(_ number: UInt32, _ name: String, _ size: Int, _ byteOrder: ByteOrder) {
    self.number = number
    self.name = name
    self.size = size
    self.byteOrder = byteOrder
  }

  /// A type that this code does not know, or whose size depends on its use.
  static func unknown(_ number: UInt32, size: Int) -> DataType { DataType(number, "type_\(number)", size, .none) }

  public static let nfproto = DataType(2, "nf_proto", 1, .none)
  public static let ipv4Address = DataType(7, "ipv4_addr", 4, .network)
  public static let ipv6Address = DataType(8, "ipv6_addr", 16, .network)
  public static let etherAddress = DataType(9, "ether_addr", 6, .network)
  public static let etherType = DataType(10, "ether_type", 2, .network)
  public static let arpOperation = DataType(11, "arp_op", 2, .network)
  /// A protocol over IP, such as 6 for TCP.
  public static let inetProtocol = DataType(12, "inet_proto", 1, .none)
  /// A port.
  public static let inetService = DataType(13, "inet_service", 2, .network)
  public static let icmpType = DataType(14, "icmp_type", 1, .network)
  public static let tcpFlag = DataType(15, "tcp_flag", 1, .network)
  public static let mark = DataType(19, "mark", 4, .host)
  public static let interfaceIndex = DataType(20, "iface_index", 4, .host)
  public static let deviceType = DataType(21, "iface_type", 2, .host)
  public static let connectionState = DataType(26, "ct_state", 4, .host)
  public static let connectionDirection = DataType(27, "ct_dir", 1, .none)
  public static let connectionStatus = DataType(28, "ct_status", 4, .host)
  public static let icmpv6Type = DataType(29, "icmpv6_type", 1, .network)
  public static let packetType = DataType(31, "pkt_type", 1, .host)
  public static let deviceGroup = DataType(35, "devgroup", 4, .host)
  /// What kind of address the routing table takes it for: RTN_ of linux/rtnetlink.h.
  public static let routeType = DataType(38, "fib_addrtype", 4, .host)
  public static let boolean = DataType(39, "boolean", 1, .none)
  /// A number of so many bytes.
  static func integer(_ size: Int) -> DataType { DataType(4, "integer", size, .network) }
  var isInteger: Bool { number == 4 }
  /// The name of an interface: IFNAMSIZ, 16 bytes, the rest zero.
  public static let interfaceName = DataType(41, "ifname", 16, .host)

  /// The types of which sets can be made.
  static let known: [UInt32: DataType] = {
    let all: [DataType] = [
      nfproto, ipv4Address, ipv6Address, etherAddress, etherType, arpOperation, inetProtocol, inetService, icmpType,
      tcpFlag, mark, interfaceIndex, deviceType, connectionState, connectionDirection, connectionStatus, icmpv6Type,
      packetType, deviceGroup, routeType, boolean, interfaceName,
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0) })
  }()

  public var description: String { name }
}

extension DataType {
  public static func == (left: Self, right: Self) -> Bool { left.number == right.number && left.size == right.size }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    hasher.combine(size)
  }
}

// MARK: - Concatenations

extension [DataType] {
  /// NFTA_SET_KEY_TYPE: six bits a type, the first type highest.
  var composedNumber: UInt32 { reduce(0) { $0 << 6 | $1.number } }

  /// The size in bytes of a value: each part of a concatenation is padded to four.
  var valueSize: Int { count == 1 ? self[0].size : reduce(0) { $0 + $1.paddedSize } }

  /// What the user data of a set says of its keys.
  var byteOrder: DataType.ByteOrder { count == 1 ? self[0].byteOrder : .none }

  /// Takes a type apart. Where a part is unknown, or the sizes do not add up, all is one type of its own.
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
    // A number takes what the others leave.
    if let place = types.firstIndex(where: \.isInteger) {
      types[place] = .integer(Swift.max(0, size - types.valueSize))
    }
    self = !types.isEmpty && types.valueSize == size ? types : [.unknown(number, size: size)]
  }

  /// `ifname . ether_addr`.
  var text: String { map(\.name).joined(separator: " . ") }
}

extension DataType {
  var paddedSize: Int { (size + 3) & ~3 }
}
