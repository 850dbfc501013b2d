import CLinux
import Glibc
import Netlink

/// How the kernel generates a link's IPv6 addresses: IFLA_INET6_ADDR_GEN_MODE.
public enum AddressGenerationMode: UInt8, Hashable, Sendable {
  /// EUI-64: from the hardware address (RFC 4291, appendix A).
  case eui64 = 0
  /// The kernel generates no address, not even a link-local one.
  case byNobody = 1
}

/// An IPv4 setting of a device: IPV4_DEVCONF_ of linux/ip.h, /proc/sys/net/ipv4/conf/DEVICE.
public enum IPv4DeviceSetting: Int, Hashable, Sendable, CaseIterable {
  /// `forwarding`.
  case forwarding = 1
  /// `proxy_arp`.
  case proxyARP = 3
  /// `rp_filter`: 0 off, 1 strict, 2 loose (RFC 3704). The larger of this value and that of `all` is effective.
  case rpFilter = 8
  /// `arp_filter`.
  case arpFilter = 13
  /// `arp_ignore`.
  case arpIgnore = 19
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

extension Link {
  /// Decodes IFLA_AF_SPEC: the settings of the address families for a link.
  mutating func takeConfiguration(_ span: RawSpan) throws(DecodingFailure) {
    try span.forEachAttribute { family, specific throws(DecodingFailure) in
      guard [AF_INET, AF_INET6].contains(Int32(family)) else { return }
      try specific.forEachAttribute { type, value throws(DecodingFailure) in
        switch (Int32(family), Int(type)) {
        // The array of IPv4 begins with setting 1, that of IPv6 with setting 0.
        case (AF_INET, IFLA_INET_CONF): ipv4 = try value.deviceSettings(from: 1)
        case (AF_INET6, IFLA_INET6_CONF): ipv6 = try value.deviceSettings(from: 0)
        default: break
        }
      }
    }
  }
}

extension RawSpan {
  /// Reads an array with as many settings as the kernel knows.
  fileprivate func deviceSettings<Setting: RawRepresentable<Int> & CaseIterable & Hashable>(
    from first: Int
  ) throws(DecodingFailure) -> [Setting: Int32] {
    var settings: [Setting: Int32] = [:]
    for setting in Setting.allCases {
      let offset = (setting.rawValue - first) * 4
      if offset + 4 <= byteCount { settings[setting] = try integer(at: offset) }
    }
    return settings
  }
}

extension MessageBuffer {
  /// Appends IFLA_AF_SPEC. When written, IFLA_INET_CONF is a nest, not an array.
  mutating func appendConfiguration(_ change: LinkChange) {
    guard !change.ipv4.isEmpty || change.addressGenerationMode != nil else { return }
    nest(IFLA_AF_SPEC) { message in
      if !change.ipv4.isEmpty {
        message.nest(AF_INET) { message in
          message.nest(IFLA_INET_CONF) { message in
            for (setting, value) in change.ipv4.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
              message.attribute(setting.rawValue, value)
            }
          }
        }
      }
      if let mode = change.addressGenerationMode {
        message.nest(AF_INET6) { $0.attribute(IFLA_INET6_ADDR_GEN_MODE, mode.rawValue) }
      }
    }
  }
}
