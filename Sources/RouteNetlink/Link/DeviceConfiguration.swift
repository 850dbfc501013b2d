import CLinux
import Glibc
import Netlink

/// How the kernel generates a link's IPv6 addresses: IFLA_INET6_ADDR_GEN_MODE.
public struct AddressGenerationMode: RawRepresentable, Hashable, Sendable {
  /// The IN6_ADDR_GEN_MODE_ number.
  public var rawValue: UInt8

  /// The mode with this IN6_ADDR_GEN_MODE_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ mode: in6_addr_gen_mode) { rawValue = UInt8(truncatingIfNeeded: mode.rawValue) }

  /// EUI-64: from the hardware address (RFC 4291, appendix A).
  public static let eui64 = AddressGenerationMode(IN6_ADDR_GEN_MODE_EUI64)
  /// The kernel generates no address, not even a link-local one.
  public static let byNobody = AddressGenerationMode(IN6_ADDR_GEN_MODE_NONE)
  /// Stable privacy addresses: from a secret (RFC 7217).
  public static let stablePrivacy = AddressGenerationMode(IN6_ADDR_GEN_MODE_STABLE_PRIVACY)
  /// Stable privacy addresses, from a random secret.
  public static let random = AddressGenerationMode(IN6_ADDR_GEN_MODE_RANDOM)
}

/// An IPv4 setting of a device: IPV4_DEVCONF_ of linux/ip.h, /proc/sys/net/ipv4/conf/DEVICE.
public enum IPv4DeviceSetting: UInt16, Hashable, Sendable, CaseIterable {
  /// `forwarding`.
  case forwarding = 1
  /// `proxy_arp`.
  case proxyARP = 3
  /// `accept_redirects`.
  case acceptRedirects = 4
  /// `secure_redirects`.
  case secureRedirects = 5
  /// `send_redirects`.
  case sendRedirects = 6
  /// `rp_filter`: 0 off, 1 strict, 2 loose (RFC 3704). The larger of this value and that of `all` is effective.
  case rpFilter = 8
  /// `accept_source_route`.
  case acceptSourceRoute = 9
  /// `arp_filter`.
  case arpFilter = 13
  /// `arp_announce`.
  case arpAnnounce = 18
  /// `arp_ignore`.
  case arpIgnore = 19
  /// `arp_accept`.
  case arpAccept = 21
  /// `arp_notify`.
  case arpNotify = 22
  /// `accept_local`.
  case acceptLocal = 23
  /// `proxy_arp_pvlan`: answer ARP on the link on which the request arrived (RFC 3069).
  case proxyARPPrivateVLAN = 25
  /// `route_localnet`.
  case routeLocalnet = 26
}

/// An IPv6 setting of a device: DEVCONF_ of linux/ipv6.h, /proc/sys/net/ipv6/conf/DEVICE. rtnetlink shows it but cannot
/// set it.
public enum IPv6DeviceSetting: Int, Hashable, Sendable, CaseIterable {
  /// `forwarding`.
  case forwarding = 0
  /// `accept_ra`: 0 never, 1 unless the device forwards, 2 always.
  case acceptRouterAdvertisements = 3
  /// `disable_ipv6`.
  case disabled = 26
}

/// IFLA_AF_SPEC: the settings of the address families for a link.
struct DeviceConfiguration: Hashable, Sendable {
  var ipv4: [IPv4DeviceSetting: Int32] = [:]
  var addressGenerationMode: AddressGenerationMode?
  /// Read only.
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
          // An array with as many settings as the kernel knows.
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

  /// IFLA_INET_CONF is an array when read, and its first element is setting 1. When written, it is a nest.
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
