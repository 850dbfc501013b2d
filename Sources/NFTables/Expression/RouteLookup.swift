import CLinux
import Netlink

/// Looks up an address of the packet in the routing table: `fib` in nft. NFTA_FIB_.
public struct RouteLookup: Hashable, Sendable {
  /// `enum nft_fib_result`.
  public enum Result: UInt32, Hashable, Sendable {
    /// NFT_FIB_RESULT_OIF: the index of the output interface.
    case outputIndex = 1
    /// NFT_FIB_RESULT_OIFNAME: the name of the output interface.
    case outputName
    /// NFT_FIB_RESULT_ADDRTYPE: a `RouteType`.
    case type
  }

  /// What is looked up, and what the lookup considers: `enum nft_fib_flags`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The NFTA_FIB_F_ bits.
    public var rawValue: UInt32

    /// The flags of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// NFTA_FIB_F_SADDR: looks up the source address.
    public static let source = Flags(rawValue: 0x01)
    /// NFTA_FIB_F_DADDR: looks up the destination address.
    public static let destination = Flags(rawValue: 0x02)
    /// NFTA_FIB_F_MARK: considers the packet's mark.
    public static let mark = Flags(rawValue: 0x04)
    /// NFTA_FIB_F_IIF: only routes by the input interface.
    public static let iif = Flags(rawValue: 0x08)
    /// NFTA_FIB_F_OIF: only routes by the output interface.
    public static let oif = Flags(rawValue: 0x10)
    /// NFTA_FIB_F_PRESENT: loads whether there is a result.
    public static let present = Flags(rawValue: 0x20)
  }

  /// What to load.
  public var result: Result
  /// What is looked up, and what the lookup considers.
  public var flags: Flags
  /// The register of the result.
  public var destination: Register
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

/// The route type that the routing table gives for an address: RTN_ of linux/rtnetlink.h. The
/// cases' names are those of nft(8).
public enum RouteType: UInt32, Hashable, Sendable {
  /// RTN_UNSPEC.
  case unspec = 0
  /// RTN_UNICAST.
  case unicast
  /// RTN_LOCAL: an address of this host.
  case local
  /// RTN_BROADCAST to RTN_PROHIBIT.
  case broadcast, anycast, multicast, blackhole, unreachable, prohibit
}
