import CLinux
import Glibc
import Netlink

/// How the kernel makes IPv6 addresses for a link by itself: IFLA_INET6_ADDR_GEN_MODE.
public struct AddressGenerationMode: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ mode: in6_addr_gen_mode) { rawValue = UInt8(truncatingIfNeeded: mode.rawValue) }

  /// From the hardware address (RFC 4291, appendix A).
  public static let eui64 = AddressGenerationMode(IN6_ADDR_GEN_MODE_EUI64)
  /// Not at all: not even a link-local address.
  public static let byNobody = AddressGenerationMode(IN6_ADDR_GEN_MODE_NONE)
  /// From a secret (RFC 7217).
  public static let stablePrivacy = AddressGenerationMode(IN6_ADDR_GEN_MODE_STABLE_PRIVACY)
  /// At random.
  public static let random = AddressGenerationMode(IN6_ADDR_GEN_MODE_RANDOM)
}

/// A setting of IPv4 for one device: IPV4_DEVCONF_ of linux/ip.h, /proc/sys/net/ipv4/conf/DEVICE.
public enum IPv4DeviceSetting: UInt16, Hashable, Sendable, CaseIterable {
  case forwarding = 1
  case proxyARP = 3
  case acceptRedirects = 4
  case secureRedirects = 5
  case sendRedirects = 6
  /// 0 off, 1 strict, 2 loose (RFC 3704); the kernel takes the larger of this and `all`.
  case rpFilter = 8
  case acceptSourceRoute = 9
  case arpFilter = 13
  case arpAnnounce = 18
  case arpIgnore = 19
  case arpAccept = 21
  case arpNotify = 22
  case acceptLocal = 23
  /// Answer ARP back to the link it came in by (RFC 3069).
  case proxyARPPrivateVLAN = 25
  case routeLocalnet = 26
}

/// A setting of IPv6 for one device, which rtnetlink shows and does not take: DEVCONF_ of linux/ipv6.h,
/// /proc/sys/net/ipv6/conf/DEVICE.
public enum IPv6DeviceSetting: Int, Hashable, Sendable, CaseIterable {
  case forwarding = 0
  /// 0 never, 1 unless it forwards, 2 always.
  case acceptRouterAdvertisements = 3
  /// `disable_ipv6`.
  case disabled = 26
}

/// IFLA_AF_SPEC: what a family keeps for a link.
struct DeviceConfiguration: Hashable, Sendable {
  var ipv4: [IPv4DeviceSetting: Int32] = [:]
  var addressGenerationMode: AddressGenerationMode?
  /// Only read.
  var ipv6: [IPv6DeviceSetting: Int32] = [:]

  var isEmpty: Bool { ipv4.isEmpty && addressGenerationMode == nil }

  init() {}

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var ipv4: [IPv4DeviceSetting: Int32] = [:]
    var mode: AddressGenerationMode?
    var ipv6: [IPv6DeviceSetting: Int32] = [:]
    try span.forEachAttribute { family, specific throws(DecodingFailure) in
      switch Int32(family) {
      case AF_INET: ipv4 = try Self.ipv4(decoding: specific)
      case AF_INET6:
        try specific.forEachAttribute { type, value throws(DecodingFailure) in
          switch Int(type) {
          case IFLA_INET6_ADDR_GEN_MODE: mode = AddressGenerationMode(rawValue: try value.exactly())
          // An array, of as many as the kernel knows.
          case IFLA_INET6_CONF:
            for setting in IPv6DeviceSetting.allCases where setting.rawValue * 4 + 4 <= value.byteCount {
              ipv6[setting] = try value.integer(at: setting.rawValue * 4)
            }
          default: break
          }
        }
      default: break
      }
    }
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    addressGenerationMode = mode
  }

  /// IFLA_INET_CONF is an array when read, whose first element is number 1; a nest when written.
  private static func ipv4(decoding span: RawSpan) throws(DecodingFailure) -> [IPv4DeviceSetting: Int32] {
    var settings: [IPv4DeviceSetting: Int32] = [:]
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      guard Int(type) == IFLA_INET_CONF else { return }
      for setting in IPv4DeviceSetting.allCases {
        let offset = (Int(setting.rawValue) - 1) * 4
        if offset + 4 <= value.byteCount { settings[setting] = try value.integer(at: offset) }
      }
    }
    return settings
  }
}

extension MessageBuffer {
  mutating func append(_ configuration: DeviceConfiguration) {
    guard !configuration.isEmpty else { return }
    nest(IFLA_AF_SPEC) { message in
      if !configuration.ipv4.isEmpty {
        message.nest(AF_INET) { message in
          message.nest(IFLA_INET_CONF) { message in
            for (setting, value) in configuration.ipv4.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
              message.attribute(setting.rawValue, value)
            }
          }
        }
      }
      if let mode = configuration.addressGenerationMode {
        message.nest(AF_INET6) { $0.attribute(IFLA_INET6_ADDR_GEN_MODE, mode.rawValue) }
      }
    }
  }
}
