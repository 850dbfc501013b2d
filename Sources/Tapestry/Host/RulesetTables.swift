import NFTables
import NetTypes

/// The two tables. Their rules are constant: every fact about a network or a guest is an element of a set.
enum RulesetTables {
  /// Tells our tables from others of the same name, and this layout from later ones. `nft list` shows it.
  static let mark = "made by tapestry; layout "
  static let comment = mark + "2"

  static let tables = [bridge, inet]
  static let sets = [macs, guests, bridges, subnets, interVM, published]
  static let chains = [entry, fromGuest, unbridged, forward, input, prerouting, postrouting]

  // MARK: Family bridge: what a guest may send

  /// The interface group (IFLA_GROUP) of every TAP of ours: `tap` and a zero byte. The guard goes by it, so that a TAP
  /// without elements in the sets below is cut off, not let through.
  static let tapGroup: UInt32 = 0x7461_7000
  /// The groups into which TAPs are moved to be deleted together: `tap` and another byte. The guard looks at the first
  /// three bytes, so that a TAP stays cut off to its end.
  static let leavingGroups = tapGroup + 1...tapGroup + 0xff

  /// A frame, or packet, that comes in by a TAP of ours.
  private static let isFromTap = NFTables.Statement.match(
    .iifGroup, .deviceGroup(tapGroup), mask: .deviceGroup(0xffff_ff00))

  /// The groups 01:80:c2:00:00:0X whose frames a port gives to the guard: all. A bridge hands most of them to the port's
  /// own interface, before any hook of the bridge family, and so to the host's ARP and IP. (Bit 1, pause, is not to be
  /// set: the kernel drops those.)
  static let guardedGroups: UInt16 = 0xfffd

  static let bridge = Table(.bridge, "tapestry", comment: comment)
  static let macs = NamedSet(bridge.id, "macs", .interfaceName, .etherAddress)
  static let guests = NamedSet(bridge.id, "guests", .interfaceName, .etherAddress, .ipv4Address)

  static let entry = Chain(bridge.id, "guard", .init(.filter, .prerouting, priority: -300))
  static let fromGuest = Chain(bridge.id, "from_guest")

  // MARK: Family inet: what guests may reach through the host, and on it

  static let inet = Table(.inet, "tapestry", comment: comment)
  /// Each element's comment tells the rest of what is known of the network.
  static let bridges = NamedSet(inet.id, "bridges", .interfaceName)
  /// The subnets whose guests appear under the host's address.
  static let subnets = NamedSet(inet.id, "subnets", .ipv4Address, flags: .interval)
  /// A bridge paired with itself: where br_netfilter shows bridged frames to this table, they pass.
  static let interVM = NamedSet(inet.id, "inter_vm", .interfaceName, .interfaceName)
  static let published = NamedSet(
    inet.id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))

  static let unbridged = Chain(inet.id, "unbridged", .init(.filter, .prerouting, priority: .raw))
  static let forward = Chain(inet.id, "forward", .init(.filter, .forward, priority: .filter))
  static let input = Chain(inet.id, "input", .init(.filter, .input, priority: .filter))
  static let prerouting = Chain(inet.id, "prerouting", .init(.nat, .prerouting, priority: .dstnat))
  static let postrouting = Chain(inet.id, "postrouting", .init(.nat, .postrouting, priority: .srcnat))

  // MARK: Rules

  /// In order, within each chain.
  static let rules: [Rule] = [
    Rule(in: entry, isFromTap, .jump(fromGuest.id.name)),

    // The type as it stands in the frame: a frame with a VLAN tag is none of these.
    Rule(
      in: fromGuest, .match(.etherType, .etherType(0x0806)),
      .match(.iifname, .arpSourceEther, .arpSourceIP, in: guests), .match(.iifname, .etherSource, in: macs), .accept),
    Rule(
      in: fromGuest, .match(.etherType, .etherType(0x0800)), .match(.iifname, .etherSource, .ipSource, in: guests),
      .accept),
    Rule(in: fromGuest, .drop),

    // What the guard has seen comes in by the bridge. What comes in by a TAP itself went around it: the TAP was taken
    // off its bridge, by whomever.
    Rule(in: unbridged, isFromTap, .drop),

    Rule(in: forward, .match(.iifname, notIn: bridges), .match(.oifname, notIn: bridges), .accept),
    Rule(in: forward, .match(.ctState, [.established, .related]), .accept),
    Rule(in: forward, .match(.ipDestination, in: linkLocal), .drop),
    // Address translation passes over what belongs to no connection: it would show the guest's own address outside.
    Rule(
      in: forward, .match(.ctState, [.invalid, .untracked]), .match(.ipSource, in: subnets),
      .match(.oifname, notIn: bridges), .drop),
    Rule(in: forward, .match(.iifname, in: bridges), .match(.oifname, notIn: bridges), .accept),
    Rule(in: forward, .match(.iifname, .oifname, in: interVM), .accept),
    Rule(in: forward, .match(.ctStatus, .dnat), .accept),
    Rule(in: forward, .drop),

    Rule(in: input, .match(.iifname, notIn: bridges), .accept),
    Rule(in: input, .match(.ctState, [.established, .related]), .accept),
    Rule(in: input, .match(.icmpType, .icmpType(8)), .accept),
    Rule(in: input, .drop),

    Rule(
      in: prerouting, .match(.destinationRouteType, .local),
      .dnat(.ip, to: published, of: .l4proto, .destinationPort)),
    Rule(
      in: postrouting, .match(.ipSource, in: subnets), .match(.oifname, notIn: bridges), .masquerade),
  ]

  /// 169.254.0.0/16 (RFC 3927), where clouds answer with their metadata.
  private static let linkLocal = IPv4Prefix(known: IPv4Address(169, 254, 0, 0), prefixLength: 16)
}

// MARK: - Elements

extension Ruleset.NetworkFacts {
  /// The elements of the network, by set.
  var elements: [(NamedSet, Element)] {
    let name = Datum.interface(bridge)
    var elements: [(NamedSet, Element)] = [
      (RulesetTables.bridges, Element(name, comment: comment))
    ]
    if nat {
      elements.append(
        (RulesetTables.subnets, Element(.ipv4(subnet.networkAddress), through: [.ipv4(subnet.broadcast)])))
    }
    if allowsInterVM { elements.append((RulesetTables.interVM, Element(name, name))) }
    return elements
  }

  /// What is known of the network beside its bridge: `172.30.0.0/24 nat dns 198.51.100.53`.
  private var comment: String {
    var words = [subnet.description]
    if nat { words.append("nat") }
    if allowsInterVM { words.append("inter-vm") }
    for server in dns.prefix(2) { words += ["dns", server.description] }
    return words.joined(separator: " ")
  }

  /// The network that an element of `inet tapestry bridges` stands for; nil when it is not one that we wrote.
  init?(_ element: Element) {
    guard let bridge = element.key.first?.interfaceName, var words = element.comment?.split(separator: " ")[...],
      let subnet = words.popFirst().flatMap({ IPv4Subnet(String($0)) })
    else { return nil }
    self.init(bridge: bridge, subnet: subnet, nat: false, allowsInterVM: false, dns: [])
    while let word = words.popFirst() {
      switch word {
      case "nat": nat = true
      case "inter-vm": allowsInterVM = true
      case "dns":
        guard let server = words.popFirst().flatMap({ IPv4Address(String($0)) }) else { return nil }
        dns.append(server)
      default: return nil
      }
    }
  }
}

extension Ruleset.GuestFacts {
  var elements: [(NamedSet, Element)] {
    let name = Datum.interface(tapName)
    return [
      (RulesetTables.macs, Element(name, .ether(mac))),
      (RulesetTables.guests, Element(name, .ether(mac), .ipv4(address))),
    ]
  }

  /// The guest that an element of `bridge tapestry guests` stands for.
  init?(_ element: Element) {
    guard element.key.count == 3, let tapName = element.key[0].interfaceName,
      let mac = MACAddress(bytes: element.key[1].bytes), let address = IPv4Address(bytes: element.key[2].bytes)
    else { return nil }
    self.init(tapName: tapName, mac: mac, address: address)
  }
}

extension Datum {
  fileprivate var interfaceName: InterfaceName? {
    InterfaceName(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
  }
}
