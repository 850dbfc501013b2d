import NFTables

/// The chains, in the order in which they are made, with their purposes as printed in `docs/ruleset.nft`.
extension RulesetTables {
  static let allChains = purposes.map(\.key)

  static func chains(of parts: RulesetParts) -> [Chain] { allChains.filter { part(of: $0.id).isSubset(of: parts) } }

  /// The rules of these chains. A rule that leads to another chain than these is left out.
  static func rules(of parts: RulesetParts) -> [Rule] {
    allRules.filter { rule in
      part(of: rule.chain).isSubset(of: parts)
        && rule.target.map { part(of: Chain.ID(rule.chain.table, $0)).isSubset(of: parts) } != false
    }
  }

  /// Empty for most chains, which always exist.
  private static func part(of chain: Chain.ID) -> RulesetParts { partsByChain[chain] ?? [] }

  private static let partsByChain: [Chain.ID: RulesetParts] = [
    bridgeGuard.id: .bridges, bridgeOutput.id: .bridges,
    fromClone.id: .clones, quotedByClone.id: .clones, inward.id: .clones, toClone.id: .clones,
    quotedToClone.id: .clones, arpToGuest.id: .clones,
    guard6.id: .ipv6,
  ]

  static func purpose(of chain: Chain.ID) -> String? {
    purposes.first { $0.key.id == chain }?.value ?? (DomainList.isChain(chain) ? domainPurpose : nil)
      ?? ConnectionClass(chain)?.purpose
  }

  private static let purposes = Array(ownChains) + families.flatMap { Array($0.chains) } + Array(limitChains)

  private static let domainPurpose =
    "The domains that a network's or a guest's policy allows: their addresses, which the network's name server adds."

  private static let ownChains: KeyValuePairs<Chain, String> = [
    bridgeGuard: "All frames that a bridge receives. Those from guests' TAPs go to from_guest.",
    bridgeLimits: "Frames from guests that have a rate limit: what exceeds it is dropped.",
    bridgeFromGuest:
      "Frames from a guest on a bridge: IPv4, IPv6 and ARP with its own MAC and addresses. All others are dropped.",
    bridgeFromGuest4: "IPv4 from a guest: its own addresses, no options. ICMP and DHCP have their own chains.",
    bridgeFromGuest6: "IPv6 from a guest: its own addresses, no routing headers. ICMPv6 has its own chain.",
    bridgeICMP: "ICMP from a guest: echo, and errors about packets that the guest was sent.",
    bridgeICMPv6:
      "ICMPv6 from a guest: echo, errors about packets that the guest was sent, and neighbour discovery for its own "
      + "addresses.",
    bridgeToDHCP: "DHCP requests: whole packets, from the client itself, for its own MAC.",
    bridgeDHCPMessage: "DHCP requests that passed to_dhcp: from 0.0.0.0 or from the guest's own address.",
    bridgeOutput: "Frames that the host sends to guests' TAPs.",
    bridgeToClient: "DHCP answers: only to the guest whose MAC they name.",
    arpGuard: "ARP that the host receives. What guests with routed TAPs send goes to from_guest.",
    arpFromGuest:
      "ARP from a guest with a routed TAP: limited, with its own MAC and address, for its gateway or for guests "
      + "that it may reach.",
    arpToGuest: "ARP to a clone: outer addresses become the clone's own.",
    fromClone: "From a clone, before connection tracking: its own address and its gateway's become the outer ones.",
    quotedByClone: "ICMP errors from a clone: the same for the packet that they quote.",
    guardChain:
      "All packets that the host receives, before reassembly. Those from guests with routed TAPs go to from_guest.",
    guard6: "IPv6 that arrives by no TAP: fragments, and neighbours that the host would have to look for.",
    fromTap:
      "Packets that arrive by a guest's TAP itself. Those of a bridge's port went around the bridge, and are dropped.",
    limits: "Packets from guests with routed TAPs that have a rate limit: what exceeds it is dropped.",
    fromGuest: "Packets from a guest with a routed TAP: its own MAC and addresses. All others are dropped.",
    fromGuest6: "IPv6 from a guest with a routed TAP: its own addresses, no routing headers.",
    icmp: "ICMP from a guest with a routed TAP: echo, and errors about packets that the guest was sent.",
    icmpv6:
      "ICMPv6 from a guest with a routed TAP: echo, errors about packets that it was sent, neighbour discovery "
      + "for its own addresses.",
    forward: "Forwarded packets. Those that neither come from a guest nor go to one are accepted.",
    segmentSize: "SYN segments from guests and to them: their maximum segment size becomes that of the route.",
    related:
      "Packets about a connection: ICMP errors are accepted, but for redirects and path MTU updates from NATed guests.",
    leaving: "New connections from guests to the outside, and packets without a connection.",
    toPublished:
      "A guest's connection to a published port of another network: judged by the address and port that it asked for.",
    input: "Packets to the host itself. From guests: only what host access allows.",
    toService: "Packets to a network's name server: only from its own guests, within limits.",
    prerouting: "Published ports: from the host's port to the guest's.",
    output: "Published ports, for connections of the host itself.",
    postrouting:
      "NAT for packets from guests to the outside, and for published ports that are reached from the same network.",
    inward: "The last chain before a packet leaves. Those to guests with routed TAPs go to to_clone.",
    toClone: "To a clone: outer addresses become its own address and its gateway's.",
    quotedToClone: "ICMP errors to a clone: the same for the packet that they quote.",
    redirects: "Drops ICMP redirects to guests.",
    untranslated:
      "Connections without source NAT. Drops guests' packets that would leave with an address that should be translated.",
    masquerading: "Masquerades TCP and UDP with ports from 32768 on, which no service of the host's uses.",
  ]

  private static let limitChains: KeyValuePairs<Chain, String> = [
    beginning: "New connections of guests, counted by the limit that the guest has.",
    ConnectionClass.standard.chain: ConnectionClass.standard.purpose,
    towards: "Limits to how many next hops a guest sends, so that it cannot fill the host's neighbour table.",
    amongGuests: "Between guests of a bridge whose network lets them reach each other: only to guests that exist.",
    withinPrefix6: "To the guest's own IPv6 prefix: only to guests that exist, so that the host looks for no others.",
  ]
}

extension FamilyTables {
  fileprivate var chains: KeyValuePairs<Chain, String> {
    let limits = "Limits a guest's \(family) fragments" + (family == .v4 ? ", before the host reassembles them." : ".")
    return [
      bridgeFragments: limits,
      fragments: limits,
      allFragments: "Limits the \(family) fragments of all guests together.",
      egress:
        "The egress policy for \(family): the guest's rules, its network's rules, allowed domains, then the reach.",
      toPeer:
        "Between guests one of which may open connections to the other: its rules and its network's, then accepted.",
      reach: "What the reach of the guest says, or else that of its network: all, internet or none.",
      internet: "Reach `internet`: every \(family) address but special-purpose ones.",
    ]
  }
}

extension ConnectionClass {
  fileprivate var purpose: String { "Guests that may have \(limit) connections at a time." }
}

extension Rule {
  /// The chain that a verdict of the rule leads to.
  fileprivate var target: String? {
    for expression in expressions {
      switch expression.kind {
      case .immediate(.verdict(.jump(let chain))), .immediate(.verdict(.goto(let chain))): return chain
      default: continue
      }
    }
    return nil
  }
}
