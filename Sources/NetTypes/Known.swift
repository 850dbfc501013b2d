// Values that the source itself spells out, and that tests hold to the rules of their types.

extension InterfaceName {
  package init(known name: String) { rawValue = name }
}

extension IPv4Subnet {
  package init(known network: IPv4Address, prefixLength: Int) {
    prefix = IPv4Prefix(known: network, prefixLength: prefixLength)
  }
}
