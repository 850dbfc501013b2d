import NFTables
import NetTypes

extension Ruleset.NetworkFacts {
  /// The elements of the network, by set.
  var elements: [(NamedSet, Element)] {
    [(RulesetTables.bridges, Element(.interface(bridge), comment: comment))]
      + prefixes.flatMap { elements(of: $0, RulesetTables.of($0.family)) } + elements4 + elements6
  }

  private var prefixes: [IPPrefix] { [.v4(subnet.prefix)] + (subnet6.map { [.v6($0)] } ?? []) }

  /// The elements that both families have.
  private func elements(of prefix: IPPrefix, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    let (first, last) = (Datum.address(prefix.address), Datum.address(prefix.lastAddress))
    var elements = rules.ranges.filter { $0.family == tables.family }.map {
      (tables.networkRules, Element($0, from: first, through: last))
    }
    elements.append((tables.networkReach, Element(prefix, data: .verdict(reach.verdict(tables)))))
    if let domains { elements.append((tables.networkNames, Element(prefix, data: .verdict(domains.verdict)))) }
    if tables.family == .v4 ? nat : nat6 { elements.append((tables.subnets, Element(prefix))) }
    // On a bridge, guests reach each other without the host.
    if allowsInterVM, mode != .bridge {
      elements.append((tables.interVMSubnets, Element(first, first, through: [last, last])))
    }
    if nameServer != nil {
      elements += NameService.ports(in: mode).map { port, transport in
        (tables.services, Element(host(in: prefix), .inetProtocol(transport.number), .port(port)))
      }
    }
    if answersPing { elements.append((tables.hostPing, Element(prefix))) }
    for traffic in hostTraffic {
      let (low, high) = traffic.services
      elements.append((tables.hostAccess, Element(key: [first] + low, through: [last] + high)))
    }
    return elements
  }

  /// The host's own address: the first of the prefix.
  private func host(in prefix: IPPrefix) -> Datum {
    .address(IPAddress(prefix.family, number: prefix.address.number + 1))
  }

  /// Elements for ARP, hairpin NAT, DHCP, and the name server, which listens only on IPv4.
  private var elements4: [(NamedSet, Element)] {
    let (first, last) = (Datum.ipv4(subnet.networkAddress), Datum.ipv4(subnet.broadcast))
    let gateway = Datum.ipv4(subnet.gateway)
    var elements = [(RulesetTables.hairpin, Element(first, first, through: [last, last]))]
    if mode != .bridge {
      let targets = allowsInterVM ? (first, last) : (gateway, gateway)
      elements.append((RulesetTables.arpTargets, Element(first, targets.0, through: [last, targets.1])))
    } else if allowsInterVM {
      elements.append((RulesetTables.interVM, Element(.interface(bridge), .interface(bridge))))
    }
    guard nameServer != nil else { return elements }
    for port in NameServerRole.resolverPorts {
      elements += Transport.allCases.map {
        (RulesetTables.resolvers, Element(gateway, .inetProtocol($0.number), .port(port)))
      }
    }
    elements.append((RulesetTables.served, Element(first, gateway, through: [last, gateway])))
    if NameService.servesDHCP(in: mode) { elements.append((RulesetTables.dhcpBridges, Element(.interface(bridge)))) }
    return elements
  }

  /// The prefix in which neighbour discovery is limited.
  private var elements6: [(NamedSet, Element)] {
    guard let subnet6, mode == .bridge else { return [] }
    return [(RulesetTables.prefixes6, Element(.interface(bridge), .ipv6(subnet6.address)))]
  }

  /// The rest of the network's properties, as a comment: `172.30.0.0/24 nat dns 198.51.100.53`.
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

  /// The network of an element of `inet tapestry bridges`. Returns nil if the element is not in our format.
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
  /// Parses the four words of a comment.
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
    var elements = addresses.flatMap { self.elements(of: $0, RulesetTables.of($0.family)) }
    elements += addresses.filter { !$0.isLinkLocal6 }.flatMap { policyElements(of: $0, RulesetTables.of($0.family)) }
    elements += macElements + translationElements
    elements += published.sorted().map { $0.element(to: .ipv4(address)) }
    elements += limits.map { ($0.set, $0.element) }
    return elements
  }

  /// Each address that the guest may send from, including its IPv6 link-local address.
  private var addresses: [IPAddress] {
    [.v4(address)] + (address6.map { [.v6($0), .v6(.linkLocal(of: mac))] } ?? [])
  }

  /// What the guards know about an address, and the guest's limits.
  private func elements(of address: IPAddress, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    let (name, datum) = (Datum.interface(tapName), Datum.address(address))
    let about = Element(name, .ether(mac), .integer(address.bytes))
    var elements: [(NamedSet, Element)] =
      way == .bridged
      ? [(tables.bridged, Element(name, .ether(mac), datum)), (tables.aboutBridged, about)]
      : [(tables.routed, Element(name, .ether(mac), datum)), (tables.aboutRouted, about)]
    if let verdict = maxConnections?.verdict {
      elements.append((tables.maxConnections, Element(datum, data: .verdict(verdict))))
    }
    if hasNeighbors { elements.append((tables.interVMGuests, Element(datum))) }
    return elements
  }

  private func policyElements(of address: IPAddress, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    let datum = Datum.address(address)
    var elements = rules.ranges.filter { $0.family == tables.family }.map {
      (tables.guestRules, Element($0, from: datum, through: datum))
    }
    if reach != .inherited {
      elements.append((tables.guestReach, Element(datum, data: .verdict(reach.verdict(tables)))))
    }
    if let domains { elements.append((tables.guestNames, Element(datum, data: .verdict(domains.verdict)))) }
    return elements
  }

  /// The elements that need only the guest's MAC: for frames, ARP, DHCP and neighbour discovery.
  private var macElements: [(NamedSet, Element)] {
    let name = Datum.interface(tapName)
    let about = Element(name, .integer(mac.octets))
    guard way == .bridged else {
      return [(RulesetTables.arpGuests, Element(name, .ether(mac), .ipv4(address)))]
        + (address6 == nil ? [] : [(RulesetTables.aboutRoutedMACs, about)])
    }
    let pair = Element(name, .ether(mac))
    return [(RulesetTables.macs, pair)] + (asksDHCP ? [(RulesetTables.bridgeDHCP, pair)] : [])
      + (asksDHCP || address6 != nil ? [(RulesetTables.aboutMACs, about)] : [])
  }

  /// A clone's elements: its own address and its gateway's, with the outer ones.
  private var translationElements: [(NamedSet, Element)] {
    guard case .translated(let inner) = way else { return [] }
    let name = Datum.interface(tapName)
    return [(inner.address, address), (inner.gateway, inner.outerGateway)].flatMap { inside, outside in
      let out = Element(name, .ipv4(inside), data: .values([.ipv4(outside)]))
      let back = Element(name, .ipv4(outside), data: .values([.ipv4(inside)]))
      return [
        (RulesetTables.arpOuter, out), (RulesetTables.arpInner, back), (RulesetTables.outer, out),
        (RulesetTables.inner, back), (RulesetTables.outerQuoted, quoted(inside, as: outside)),
        (RulesetTables.innerQuoted, quoted(outside, as: inside)),
      ]
    }
  }

  private func quoted(_ address: IPv4Address, as other: IPv4Address) -> Element {
    Element(.interface(tapName), .integer(address.bytes), data: .values([.integer(other.bytes)]))
  }

  /// The guests' global addresses by TAP, from the elements of IPv6's `guests` and `routed`.
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

  /// The guest of an element of `bridge tapestry guests` or `inet tapestry routed`.
  /// - Parameter translations: The elements of `inet tapestry outer`, by TAP.
  init?(_ element: Element, way: Way, translations: [InterfaceName: [IPv4Address: IPv4Address]] = [:]) {
    guard element.key.count == 3, let tapName = element.key[0].interfaceName,
      let mac = MACAddress(bytes: element.key[1].bytes), let address = IPv4Address(bytes: element.key[2].bytes)
    else { return nil }
    self.init(tapName: tapName, mac: mac, address: address, way: way)
    guard let pairs = translations[tapName] else { return }
    // The pair whose outer address is the guest's has its inner address. The other pair is its gateway's.
    guard let own = pairs.first(where: { $0.value == address }), let gateway = pairs.first(where: { $0.key != own.key })
    else { return nil }
    self.way = .translated(.init(address: own.key, gateway: gateway.key, outerGateway: gateway.value))
  }

  /// The elements of `inet tapestry outer`, by TAP: from the address that the guest uses to the outer address.
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

extension IPAddress {
  var isLinkLocal6: Bool { if case .v6(let address) = self { address.isLinkLocal } else { false } }
}

extension Datum {
  var interfaceName: InterfaceName? {
    try? InterfaceName(parsing: String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
  }
}
