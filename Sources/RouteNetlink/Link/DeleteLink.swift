import CLinux
import Linux
import Netlink

extension RouteBatch {
  /// Deletes a link: RTM_DELLINK. That there is none is no failure.
  public mutating func delete(_ link: LinkReference) {
    message(RTM_DELLINK, operation: "delete link \(link)", satisfiedBy: [.noSuchDevice]) { $0.append(link) }
  }

  /// Deletes all links of a group: RTM_DELLINK with IFLA_GROUP, much faster than one by one. That there are none is no
  /// failure. EPERM for group 0; EOPNOTSUPP, and nothing is deleted, where one of them cannot be, such as hardware.
  public mutating func deleteLinks(group: UInt32) {
    message(RTM_DELLINK, operation: "delete links of group \(group)", satisfiedBy: [.noSuchDevice]) { message in
      message.append(LinkHeader())
      message.attribute(IFLA_GROUP, group)
    }
  }
}
