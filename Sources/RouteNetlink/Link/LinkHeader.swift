import CLinux
import Glibc
import Netlink

extension MessageBuffer {
  /// Appends `struct ifinfomsg`, the 16-byte header before the attributes of every RTM_*LINK* message, of AF_UNSPEC.
  /// - Parameter isUp: Whether the message sets or clears IFF_UP; nil leaves it unchanged.
  mutating func appendLinkHeader(index: Int32 = 0, isUp: Bool? = nil) {
    append(UInt32(0))
    append(index)
    append(isUp == true ? UInt32(IFF_UP) : 0)
    append(isUp != nil ? UInt32(IFF_UP) : 0)
  }

  /// Appends the header, and the name if the reference has no index.
  mutating func append(_ link: LinkReference, isUp: Bool? = nil) {
    // Index 0 without a name would select every link of a group. No link has a negative index.
    appendLinkHeader(index: link.index.map { $0 > 0 ? $0 : -1 } ?? 0, isUp: isUp)
    guard link.index == nil, let name = link.name else { return }
    // IFLA_IFNAME holds 15 bytes; a longer name can only be an alternative name.
    attribute(name.utf8.count < Int(IF_NAMESIZE) ? IFLA_IFNAME : IFLA_ALT_IFNAME, name)
  }
}
