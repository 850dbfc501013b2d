import CLinux
import Glibc
import Netlink

/// `struct ifinfomsg`: the 16-byte header before the attributes of every RTM_*LINK* message.
struct LinkHeader: Hashable {
  var family = AddressFamily.unspecified
  /// The device type: ARPHRD_ of linux/if_arp.h.
  var hardwareType: UInt16 = 0
  var index: Int32 = 0
  var flags: LinkFlags = []
  /// ifi_change: the flags that the message changes.
  var changed: LinkFlags = []

  static let size = 16

  init() {}

  init(decoding span: RawSpan) throws(DecodingFailure) {
    family = AddressFamily(rawValue: try span.integer(at: 0))
    hardwareType = try span.integer(at: 2)
    index = try span.integer(at: 4)
    flags = LinkFlags(rawValue: try span.integer(at: 8))
    changed = LinkFlags(rawValue: try span.integer(at: 12))
  }
}

extension MessageBuffer {
  mutating func append(_ header: LinkHeader) {
    append(header.family.rawValue)
    append(UInt8(0))
    append(header.hardwareType)
    append(header.index)
    append(header.flags.rawValue)
    append(header.changed.rawValue)
  }

  /// Appends the header, and the name if the reference has no index.
  mutating func append(_ link: LinkReference, isUp: Bool? = nil) {
    var header = LinkHeader()
    // Index 0 without a name would select every link of a group. No link has a negative index.
    if let index = link.index { header.index = index > 0 ? index : -1 }
    if let isUp {
      header.flags = isUp ? .up : []
      header.changed = .up
    }
    append(header)
    guard link.index == nil, let name = link.name else { return }
    linkName(name)
  }

  /// Appends a name. IFLA_IFNAME holds 15 bytes; a longer name can only be an alternative name.
  mutating func linkName(_ name: String) {
    attribute(name.utf8.count < Int(IF_NAMESIZE) ? IFLA_IFNAME : IFLA_ALT_IFNAME, name)
  }
}
