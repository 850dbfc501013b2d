import NFTables
import NetTypes

// Of IPv6, and back. A network without has no element here, and its guests have none.
extension Ruleset.NetworkFacts {
  var elements6: [(NamedSet, Element)] {
    guard let subnet6 else { return [] }
    let (first, last) = (Datum.ipv6(subnet6.address), Datum.ipv6(subnet6.lastAddress))
    var elements = rules.ranges.filter(\.isOfIPv6).map {
      (RulesetTables.networkRules6, Element($0, from: first, through: last))
    }
    elements.append((RulesetTables.networkReach6, Element(subnet6, data: .verdict(reach.verdict6))))
    if let domains {
      elements.append((RulesetTables.networkNames6, Element(subnet6, data: .verdict(domains.verdict))))
    }
    if nat6 { elements.append((RulesetTables.subnets6, Element(subnet6))) }
    if mode == .bridge {
      elements.append((RulesetTables.prefixes6, Element(.interface(bridge), .ipv6(subnet6.address))))
    }
    // On a bridge guests reach each other without the host.
    if allowsInterVM, mode != .bridge {
      elements.append((RulesetTables.interVMSubnets6, Element(first, first, through: [last, last])))
    }
    if nameServer != nil {
      let address = Datum.ipv6(IPv6Address(rawValue: subnet6.address.rawValue | 1))
      elements += NameService.ports(in: mode).map { port, transport in
        (RulesetTables.services6, Element(address, .inetProtocol(transport.number), .port(port)))
      }
    }
    if answersPing { elements.append((RulesetTables.hostPing6, Element(subnet6))) }
    for traffic in hostTraffic {
      let (low, high) = traffic.services
      elements.append((RulesetTables.hostAccess6, Element(key: [first] + low, through: [last] + high)))
    }
    return elements
  }
}

extension Ruleset.GuestFacts {
  var elements6: [(NamedSet, Element)] {
    guard let address6 else { return [] }
    let (name, datum) = (Datum.interface(tapName), Datum.ipv6(address6))
    let guests = way == .bridged ? RulesetTables.guests6 : RulesetTables.routed6
    let about = way == .bridged ? RulesetTables.about6 : RulesetTables.aboutRouted6
    var elements: [(NamedSet, Element)] = [address6, .linkLocal(of: mac)].flatMap { address in
      [
        (guests, Element(name, .ether(mac), .ipv6(address))),
        (about, Element(name, .ether(mac), .integer(address.bytes))),
      ]
    }
    // One on a bridge has it already.
    if way != .bridged { elements.append((RulesetTables.aboutRoutedMACs, Element(name, .integer(mac.octets)))) }
    if reach != .inherited {
      elements.append((RulesetTables.guestReach6, Element(datum, data: .verdict(reach.verdict6))))
    }
    if let domains { elements.append((RulesetTables.guestNames6, Element(datum, data: .verdict(domains.verdict)))) }
    elements += rules.ranges.filter(\.isOfIPv6).map {
      (RulesetTables.guestRules6, Element($0, from: datum, through: datum))
    }
    return elements
  }

  /// The guests' addresses by TAP, of elements of `guests6` and `routed6`.
  static func addresses6(_ elements: [Element]) -> [InterfaceName: IPv6Address] {
    var addresses: [InterfaceName: IPv6Address] = [:]
    for element in elements where element.key.count == 3 {
      guard let tapName = element.key[0].interfaceName, let address = IPv6Address(bytes: element.key[2].bytes),
        !address.isLinkLocal
      else { continue }
      addresses[tapName] = address
    }
    return addresses
  }
}

extension TrafficRange {
  var isOfIPv6: Bool { if case .v6 = first { true } else { false } }
}

extension EgressPolicy.Reach {
  /// In maps from addresses of IPv6.
  var verdict6: NFTables.Verdict { self == .internet ? .goto(RulesetTables.internet6.id.name) : verdict }
}
