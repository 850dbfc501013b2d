import CLinux
import Netlink

/// Asks the routing table about an address of the packet: nft's `fib`.
public struct RouteLookup: Hashable, Sendable {
  /// `enum nft_fib_result`.
  public enum Result: UInt32, Hashable, Sendable {
    /// The index of the interface the route goes out of.
    case outputIndex = 1
    /// Its name.
    case outputName
    /// What kind of address it is: a `RouteType`.
    case type
  }

  /// `enum nft_fib_flags`: what is asked about, and what is taken into account.
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let source = Flags(rawValue: 0x01)
    public static let destination = Flags(rawValue: 0x02)
    public static let mark = Flags(rawValue: 0x04)
    /// Restricted to the interface the packet came in by.
    public static let iif = Flags(rawValue: 0x08)
    /// Restricted to the interface the packet goes out of.
    public static let oif = Flags(rawValue: 0x10)
    /// Gives whether there is a result instead of the result.
    public static let present = Flags(rawValue: 0x20)
  }

  public var result: Result
  public var flags: Flags
  public var destination: Register

  public init(_ result: Result, of flags: Flags, into destination: Register) {
    self.result = result
    self.flags = flags
    self.destination = destination
  }
}

extension RouteLookup: ExpressionBody {
  static let name = "fib"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_FIB_FLAGS, flags.rawValue)
    buffer.put(NFTA_FIB_RESULT, result.rawValue)
    buffer.put(NFTA_FIB_DREG, destination)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    flags = Flags(rawValue: try fields.integer(NFTA_FIB_FLAGS) ?? 0)
    result = try fields.choice(NFTA_FIB_RESULT)
    destination = try required(fields.register(NFTA_FIB_DREG), "a destination")
  }
}

/// What kind of address the routing table takes an address for: RTN_ of linux/rtnetlink.h.
public enum RouteType: UInt32, Hashable, Sendable, CustomStringConvertible {
  case unspecified = 0
  case unicast
  /// One of this host's own.
  case local
  case broadcast, anycast, multicast, blackhole, unreachable, prohibit

  public var description: String {
    switch self {
    case .unspecified: "unspec"
    case .unicast: "unicast"
    case .local: "local"
    case .broadcast: "broadcast"
    case .anycast: "anycast"
    case .multicast: "multicast"
    case .blackhole: "blackhole"
    case .unreachable: "unreachable"
    case .prohibit: "prohibit"
    }
  }
}
