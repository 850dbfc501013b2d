import NFTables
import NetTypes

extension Ruleset.NetworkFacts {
  /// The elements of the network, by set.
  var elements: [(NamedSet, Element)] {
    let name = Datum.interface(bridge)
    let (first, last) = (Datum.ipv4(subnet.networkAddress), Datum.ipv4(subnet.broadcast))
    var elements: [(NamedSet, Element)] = [
      (RulesetTables.bridges, Element(name, comment: comment)),
      (RulesetTables.hairpin, Element(first, first, through: [last, last])),
    ]
    if nat { elements.append((RulesetTables.subnets, Element(first, through: [last]))) }
    if mode != .bridge {
      let gateway = Datum.ipv4(subnet.gateway)
      elements.append(
        (
          RulesetTables.arpTargets,
          Element(first, allowsInterVM ? first : gateway, through: [last, allowsInterVM ? last : gateway])
        ))
    }
    if allowsInterVM {
      elements.append(
        mode == .bridge
          ? (RulesetTables.interVM, Element(name, name))
          : (RulesetTables.interVMSubnets, Element(first, first, through: [last, last])))
    }
    return elements + serviceElements(first, last) + policyElements(first, last) + elements6
  }

  private func serviceElements(_ first: Datum, _ last: Datum) -> [(NamedSet, Element)] {
    guard nameServer != nil else { return [] }
    let gateway = Datum.ipv4(subnet.gateway)
    let ports = NameService.ports(in: mode)
    var elements = ports.map { port, transport in
      (RulesetTables.services, Element(gateway, .inetProtocol(transport.number), .port(port)))
    }
    for port in NameServerRole.resolverPorts {
      elements += Transport.allCases.map {
        (RulesetTables.resolvers, Element(gateway, .inetProtocol($0.number), .port(port)))
      }
    }
    elements.append((RulesetTables.served, Element(first, gateway, through: [last, gateway])))
    if NameService.servesDHCP(in: mode) { elements.append((RulesetTables.dhcpBridges, Element(.interface(bridge)))) }
    return elements
  }

  private func policyElements(_ first: Datum, _ last: Datum) -> [(NamedSet, Element)] {
    var elements = rules.ranges.filter { !$0.isOfIPv6 }.map {
      (RulesetTables.networkRules, Element($0, from: first, through: last))
    }
    elements.append((RulesetTables.networkReach, Element(first, through: [last], data: .verdict(reach.verdict))))
    if let domains {
      elements.append((RulesetTables.networkNames, Element(first, through: [last], data: .verdict(domains.verdict))))
    }
    if answersPing { elements.append((RulesetTables.hostPing, Element(first, through: [last]))) }
    for traffic in hostTraffic {
      let (low, high) = traffic.services
      elements.append((RulesetTables.hostAccess, Element(key: [first] + low, through: [last] + high)))
    }
    return elements
  }

  /// What is known of the network beside its bridge: `172.30.0.0/24 nat dns 198.51.100.53`.
  private var comment: String {
    var words = [subnet.description]
    if mode == .routed { words.append("routed") }
    if let snapshot {
      words += ["clone", "\(snapshot.address)/\(snapshot.subnet.prefixLength)", snapshot.mac.description]
      words += [snapshot.gateway.description, snapshot.gatewayMAC.description]
    }
    if nat { words.append("nat") }
    if let subnet6 { words += ["ipv6", subnet6.description] }
    if nat6 { words.append("nat6") }
    if allowsInterVM { words.append("inter-vm") }
    if !opensFirewalls { words.append("no-firewall-rules") }
    for server in dns.prefix(2) { words += ["dns", server.description] }
    if let nameServer {
      words.append("name-server")
      for upstream in nameServer.upstreams { words += ["via", upstream.description] }
    }
    return words.joined(separator: " ")
  }

  /// The network that an element of `inet tapestry bridges` stands for; nil when it is not one that we wrote.
  init?(_ element: Element) {
    guard let bridge = element.key.first?.interfaceName, var words = element.comment?.split(separator: " ")[...],
      let subnet = words.popFirst().flatMap({ try? IPv4Subnet(parsing: String($0)) })
    else { return nil }
    self.init(
      bridge: bridge, subnet: subnet, nat: false, allowsInterVM: false, reach: .nothing, rules: [], answersPing: false,
      hostTraffic: [], mode: .bridge, dns: [])
    while let word = words.popFirst() {
      switch word {
      case "routed": mode = .routed
      case "clone":
        guard let snapshot = SnapshotIdentity(words.prefix(4).map(String.init)) else { return nil }
        words = words.dropFirst(4)
        self.snapshot = snapshot
        mode = .clone
      case "nat": nat = true
      case "nat6": nat6 = true
      case "ipv6":
        guard let prefix = words.popFirst().flatMap({ try? IPv6Prefix(parsing: String($0)) }) else { return nil }
        subnet6 = prefix
      case "inter-vm": allowsInterVM = true
      case "no-firewall-rules": opensFirewalls = false
      case "dns":
        guard let server = words.popFirst().flatMap({ try? IPv4Address(parsing: String($0)) }) else { return nil }
        dns.append(server)
      case "name-server": nameServer = NameServer()
      case "via":
        guard let upstream = words.popFirst().flatMap({ try? IPv4Address(parsing: String($0)) }) else { return nil }
        nameServer?.upstreams.append(upstream)
      default: return nil
      }
    }
  }
}

extension SnapshotIdentity {
  /// From the four words of a comment.
  fileprivate init?(_ words: [String]) {
    guard words.count == 4, let slash = words[0].firstIndex(of: "/"),
      let address = try? IPv4Address(parsing: String(words[0][..<slash])),
      let length = Int(words[0][slash...].dropFirst()),
      let subnet = try? IPv4Subnet(containing: address, prefixLength: length),
      let mac = try? MACAddress(parsing: words[1]), let gateway = try? IPv4Address(parsing: words[2]),
      let gatewayMAC = try? MACAddress(parsing: words[3])
    else { return nil }
    self.init(address: address, subnet: subnet, mac: mac, gateway: gateway, gatewayMAC: gatewayMAC)
  }
}

extension Ruleset.GuestFacts {
  var elements: [(NamedSet, Element)] {
    var elements = ownElements
    let datum = Datum.ipv4(address)
    if reach != .inherited {
      elements.append((RulesetTables.guestReach, Element(datum, data: .verdict(reach.verdict))))
    }
    if let domains { elements.append((RulesetTables.guestNames, Element(datum, data: .verdict(domains.verdict)))) }
    elements += rules.ranges.filter { !$0.isOfIPv6 }.map {
      (RulesetTables.guestRules, Element($0, from: datum, through: datum))
    }
    elements += elements6
    elements += published.sorted().map { $0.element(to: datum) }
    if asksDHCP { elements.append((RulesetTables.bridgeDHCP, Element(.interface(tapName), .ether(mac)))) }
    elements += limits.map { ($0.set, $0.element) }
    elements += limitElements
    return elements
  }

  private var ownElements: [(NamedSet, Element)] {
    let name = Datum.interface(tapName)
    let whole = Element(name, .ether(mac), .ipv4(address))
    switch way {
    case .bridged:
      return [
        (RulesetTables.macs, Element(name, .ether(mac))), (RulesetTables.guests, whole),
        (RulesetTables.about, Element(name, .ether(mac), .integer(address.bytes))),
      ] + (asksDHCP || address6 != nil ? [(RulesetTables.aboutMACs, Element(name, .integer(mac.octets)))] : [])
    case .routed:
      return [
        (RulesetTables.arpGuests, whole), (RulesetTables.routed, whole),
        (RulesetTables.aboutRouted, Element(name, .ether(mac), .integer(address.bytes))),
      ]
    case .translated(let inner):
      let pairs = [(inner.address, address), (inner.gateway, inner.outerGateway)]
      return [
        (RulesetTables.arpGuests, whole), (RulesetTables.routed, whole),
        (RulesetTables.aboutRouted, Element(name, .ether(mac), .integer(address.bytes))),
      ]
        + pairs.flatMap { inside, outside in
          let out = Element(name, .ipv4(inside), data: .values([.ipv4(outside)]))
          let back = Element(name, .ipv4(outside), data: .values([.ipv4(inside)]))
          return [
            (RulesetTables.arpOuter, out), (RulesetTables.arpInner, back), (RulesetTables.outer, out),
            (RulesetTables.inner, back), (RulesetTables.outerQuoted, quoted(inside, as: outside)),
            (RulesetTables.innerQuoted, quoted(outside, as: inside)),
          ]
        }
    }
  }

  private func quoted(_ address: IPv4Address, as other: IPv4Address) -> Element {
    Element(.interface(tapName), .integer(address.bytes), data: .values([.integer(other.bytes)]))
  }

  /// The guest that an element of `bridge tapestry guests`, or of `inet tapestry routed`, stands for.
  /// - Parameter translations: the elements of `inet tapestry outer`, by TAP.
  init?(_ element: Element, way: Way, translations: [InterfaceName: [IPv4Address: IPv4Address]] = [:]) {
    guard element.key.count == 3, let tapName = element.key[0].interfaceName,
      let mac = MACAddress(bytes: element.key[1].bytes), let address = IPv4Address(bytes: element.key[2].bytes)
    else { return nil }
    self.init(tapName: tapName, mac: mac, address: address, way: way)
    guard let pairs = translations[tapName] else { return }
    // What leads to the guest's own address is what it calls itself; the other is its gateway.
    guard let own = pairs.first(where: { $0.value == address }), let gateway = pairs.first(where: { $0.key != own.key })
    else { return nil }
    self.way = .translated(.init(address: own.key, gateway: gateway.key, outerGateway: gateway.value))
  }

  /// The elements of `inet tapestry outer`, by TAP: what the guest says, and what is meant.
  static func translations(_ elements: [Element]) -> [InterfaceName: [IPv4Address: IPv4Address]] {
    var translations: [InterfaceName: [IPv4Address: IPv4Address]] = [:]
    for element in elements {
      guard element.key.count == 2, let tapName = element.key[0].interfaceName,
        let inside = IPv4Address(bytes: element.key[1].bytes), case .values(let values)? = element.data,
        let outside = values.first.flatMap({ IPv4Address(bytes: $0.bytes) })
      else { continue }
      translations[tapName, default: [:]][inside] = outside
    }
    return translations
  }
}

extension Datum {
  var interfaceName: InterfaceName? {
    try? InterfaceName(validating: String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
  }
}
