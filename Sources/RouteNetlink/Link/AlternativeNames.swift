import CLinux
import Linux
import Netlink

extension RouteBatch {
  /// Gives a link a further name of up to 127 bytes: RTM_NEWLINKPROP (Linux 5.5). EEXIST where any link has it as a
  /// name or an alternative name, this link too.
  public mutating func addAlternativeName(_ name: String, to link: LinkReference) {
    let operation = "add alternative name \(name) to \(link)"
    message(RTM_NEWLINKPROP, [.create, .exclusive, .append], operation: operation) { message in
      message.append(link)
      message.alternativeName(name)
    }
  }

  /// Takes a further name from a link: RTM_DELLINKPROP. That the link has it not, or is gone, is no failure.
  public mutating func deleteAlternativeName(_ name: String, from link: LinkReference) {
    let operation = "delete alternative name \(name) of \(link)"
    let satisfied: [Errno] = [.noSuchFile, .noSuchDevice]
    message(RTM_DELLINKPROP, operation: operation, satisfiedBy: satisfied) { message in
      message.append(link)
      message.alternativeName(name)
    }
  }
}

extension MessageBuffer {
  fileprivate mutating func alternativeName(_ name: String) {
    nest(IFLA_PROP_LIST) { $0.attribute(IFLA_ALT_IFNAME, name) }
  }
}

extension Link {
  /// IFLA_PROP_LIST.
  static func alternativeNames(decoding span: RawSpan) throws(DecodingFailure) -> [String] {
    var names: [String] = []
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      if Int(type) == IFLA_ALT_IFNAME { names.append(value.string) }
    }
    return names
  }
}
