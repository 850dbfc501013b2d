import CLinux
import Netlink

extension RouteBatch {
  /// Adds an alternative name of up to 127 bytes to a link: RTM_NEWLINKPROP with IFLA_ALT_IFNAME (Linux 5.5). The kernel
  /// answers EEXIST if a link, even this one, has it as a name or as an alternative name.
  public mutating func addAlternativeName(_ name: String, to link: LinkReference) {
    let operation = "add alternative name \(name) to \(link)"
    message(RTM_NEWLINKPROP, [.create, .exclusive, .append], operation: operation) { message in
      message.append(link)
      message.nest(IFLA_PROP_LIST) { $0.attribute(IFLA_ALT_IFNAME, name) }
    }
  }
}

extension Link {
  /// Decodes IFLA_PROP_LIST.
  static func alternativeNames(decoding span: RawSpan) throws(DecodingFailure) -> [String] {
    var names: [String] = []
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      if Int(type) == IFLA_ALT_IFNAME { names.append(value.string) }
    }
    return names
  }
}
