import NFTables
import NetTypes

extension Ruleset.NetworkFacts {
  /// The elements of the network, by set.
  var elements: [(NamedSet, Element)] {
    [RulesetTables.bridges.element(bridge, comment: comment)]
      + prefixes.flatMap { elements(of: $0, RulesetTables.of($0.family)) } + elements4 + elements6
      + Notes.elements(note, about: bridge)
  }

  /// One for each family that the network has.
  var prefixes: [IPPrefix] { [.v4(subnet.prefix)] + (subnet6.map { [.v6($0)] } ?? []) }

  /// The elements that both families have.
  private func elements(of prefix: IPPrefix, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    var elements = tables.elements(rules, of: prefix, in: tables.networkRules)
    elements.append(tables.networkReach.element(prefix, to: reach.verdict(tables)))
    if let domains { elements.append(tables.networkNames.element(prefix, to: domains.verdict)) }
    if tables.family == .v4 ? nat : nat6 { elements.append(tables.subnets.element(prefix)) }
    // On a bridge, guests reach each other without the host.
    if allowsInterVM, mode != .bridge { elements.append(tables.interVMSubnets.element(prefix, prefix)) }
    if nameServer != nil {
      // The host's own address: the first of the prefix.
      let host = IPAddress(prefix.family, number: prefix.address.number + 1)
      elements += NameService.ports(in: mode).map { port, transport in
        tables.services.element(host, transport.number, port)
      }
    }
    if answersPing { elements.append(tables.hostPing.element(prefix)) }
    elements += hostTraffic.map { tables.hostAccess.element(prefix, $0.protocols, $0.ports) }
    return elements
  }

  /// Elements for ARP, hairpin NAT, DHCP, and the name server, which listens only on IPv4.
  private var elements4: [(NamedSet, Element)] {
    let (prefix, gateway) = (IPPrefix.v4(subnet.prefix), subnet.gateway)
    var elements = [RulesetTables.hairpin.element(prefix, prefix)]
    if mode != .bridge {
      elements.append(RulesetTables.arpTargets.element(prefix, allowsInterVM ? prefix : IPPrefix(host: gateway)))
    } else if allowsInterVM {
      elements.append(RulesetTables.interVM.element(bridge, bridge))
    }
    guard nameServer != nil else { return elements }
    for port in NameServerRole.resolverPorts {
      elements += Transport.allCases.map { RulesetTables.resolvers.element(gateway, $0.number, port) }
    }
    elements.append(RulesetTables.served.element(prefix, gateway))
    if NameService.servesDHCP(in: mode) { elements.append(RulesetTables.dhcpBridges.element(bridge)) }
    return elements
  }

  /// The prefix in which neighbour discovery is limited.
  private var elements6: [(NamedSet, Element)] {
    guard let subnet6, mode == .bridge else { return [] }
    return [RulesetTables.prefixes6.element(bridge, subnet6.address)]
  }

  /// The network's addresses and mode: `172.30.0.0/24 routed ipv6 fd00::/64`.
  private var comment: String {
    var words = [subnet.description]
    if mode == .routed { words.append("routed") }
    if let snapshot {
      words += ["clone", "\(snapshot.address)/\(snapshot.subnet.prefixLength)", snapshot.mac.description]
      words += [snapshot.gateway.description, snapshot.gatewayMAC.description]
    }
    if let subnet6 { words += ["ipv6", subnet6.description] }
    if nat6 { words.append("nat6") }
    return words.joined(separator: " ")
  }

  /// The network of an element of `inet tapestry bridges`, with its note. Returns nil if the element is not in our format.
  init?(_ element: Element, _ notes: [InterfaceName: String]) {
    guard let bridge = RulesetTables.bridges.key(of: element), var words = element.comment?.split(separator: " ")[...],
      let subnet = words.popFirst().flatMap({ try? IPv4Subnet(parsing: String($0)) })
    else { return nil }
    let settings = NetworkSettings(text: notes[bridge, default: ""]) ?? NetworkSettings()
    self.init(
      bridge: bridge, subnet: subnet, nat: settings.nat, allowsInterVM: settings.allowsInterVM, reach: .nothing,
      rules: [], answersPing: false, hostTraffic: [], nameServer: settings.nameServer, mode: .bridge,
      note: settings.note)
    while let word = words.popFirst() {
      switch word {
      case "routed": mode = .routed
      case "clone":
        guard let snapshot = SnapshotIdentity(words.prefix(4).map(String.init)) else { return nil }
        words = words.dropFirst(4)
        self.snapshot = snapshot
        mode = .clone
      case "nat6": nat6 = true
      case "ipv6":
        guard let prefix = words.popFirst().flatMap({ try? IPv6Prefix(parsing: String($0)) }) else { return nil }
        subnet6 = prefix
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
    // The guest sends from its link-local address too, but policies are about the others.
    let linkLocal = address6.map { _ in IPAddress.v6(.linkLocal(of: mac)) }
    var elements = (addresses + [linkLocal].compactMap(\.self)).flatMap {
      guardElements(of: $0, RulesetTables.of($0.family))
    }
    elements += addresses.flatMap {
      policyElements(of: $0, RulesetTables.of($0.family)) + peerElements(of: $0, RulesetTables.of($0.family))
    }
    elements += macElements + translationElements
    elements += published.sorted().map { $0.element(to: address) } + limits.map(\.element)
    elements += Notes.elements(note, about: tapName)
    return elements
  }

  /// One for each family that the guest has.
  var addresses: [IPAddress] { [.v4(address)] + (address6.map { [.v6($0)] } ?? []) }

  /// What the guards know about an address, and the guest's limits.
  private func guardElements(of address: IPAddress, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    let guests = way == .bridged ? [tables.bridged, tables.aboutBridged] : [tables.routed, tables.aboutRouted]
    var elements = guests.map { $0.element(tapName, mac, address) }
    if let maxConnections { elements.append(tables.maxConnections.element(address, to: maxConnections.verdict)) }
    if hasNeighbors { elements.append(tables.interVMGuests.element(address)) }
    return elements
  }

  private func policyElements(of address: IPAddress, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    var elements = tables.elements(rules, of: address, in: tables.guestRules)
    if reach != .inherited { elements.append(tables.guestReach.element(address, to: reach.verdict(tables))) }
    if let domains { elements.append(tables.guestNames.element(address, to: domains.verdict)) }
    return elements
  }

  /// Of each pair, both guests have the same elements, so that they go with either.
  private func peerElements(of address: IPAddress, _ tables: FamilyTables) -> [(NamedSet, Element)] {
    let pairs =
      reaches.filter { $0.family == tables.family }.map { (address, $0) }
      + reachedBy.filter { $0.family == tables.family }.map { ($0, address) }
    return pairs.flatMap { source, destination in
      var elements = [tables.peers.element(source, destination)]
      if case (.v4(let source), .v4(let destination)) = (source, destination) {
        elements.append(RulesetTables.arpPeers.element(source, destination))
      }
      return elements
    }
  }

  /// The elements that need only the guest's MAC: for frames, ARP, DHCP and neighbour discovery.
  private var macElements: [(NamedSet, Element)] {
    guard way == .bridged else {
      return [RulesetTables.arpGuests.element(tapName, mac, address)]
        + (address6 == nil ? [] : [RulesetTables.aboutRoutedMACs.element(tapName, mac)])
    }
    let sets =
      [RulesetTables.macs] + (asksDHCP ? [RulesetTables.bridgeDHCP] : [])
      + (asksDHCP || address6 != nil ? [RulesetTables.aboutMACs] : [])
    return sets.map { $0.element(tapName, mac) }
  }

  /// A clone's elements: its own address and its gateway's, with the outer ones.
  private var translationElements: [(NamedSet, Element)] {
    guard case .translated(let inner) = way else { return [] }
    return [(inner.address, address), (inner.gateway, inner.outerGateway)].flatMap { inside, outside in
      [RulesetTables.arpOuter, RulesetTables.outer, RulesetTables.outerQuoted].map {
        $0.element(tapName, inside, to: outside)
      }
        + [RulesetTables.arpInner, RulesetTables.inner, RulesetTables.innerQuoted].map {
          $0.element(tapName, outside, to: inside)
        }
    }
  }
}
