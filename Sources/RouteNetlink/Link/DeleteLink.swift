import CLinux
import Linux
import Netlink

extension RouteBatch {
  /// Deletes a link: RTM_DELLINK. It is not an error if it does not exist.
  public mutating func delete(_ link: LinkReference) {
    message(RTM_DELLINK, operation: "delete link \(link)", satisfiedBy: [.noSuchDevice]) { $0.append(link) }
  }

  /// Deletes all links of a group: RTM_DELLINK with IFLA_GROUP, much faster than one by one. It is not an error if there are
  /// none. The kernel answers EPERM for group 0. It answers EOPNOTSUPP, and deletes nothing, if one of the links cannot
  /// be deleted, such as hardware.
  public mutating func deleteLinks(group: UInt32) {
    message(RTM_DELLINK, operation: "delete links of group \(group)", satisfiedBy: [.noSuchDevice]) { message in
      message.appendLinkHeader()
      message.attribute(IFLA_GROUP, group)
    }
  }
}
