import ArgumentParser
import Tapestry

/// The options for an egress policy.
struct EgressOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The default for destinations that no rule matches: everything the host can reach; only the internet, so no "
        + "private addresses; or nothing. (default: all for a network; for an attachment, that of its network)",
      valueName: "reach"))
  var egress: Reach?

  enum Reach: String, ExpressibleByArgument, CaseIterable {
    case all, internet, none
  }

  @OptionGroup var lists: EgressListOptions

  var arguments: EgressArguments {
    EgressArguments(reach: egress?.rawValue, allow: lists.allow, deny: lists.deny, allowDomain: lists.allowDomain)
  }
}

/// The options for the lists of an egress policy.
struct EgressListOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 "
        + "address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.",
      valueName: "traffic"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Drop this traffic; may be repeated.", valueName: "traffic"))
  var deny: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --egress none, allow the addresses that the network's DNS server (--dns-server) resolves this name to, or "
        + "with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be "
        + "repeated.",
      valueName: "domain"))
  var allowDomain: [String] = []

  var isEmpty: Bool { allow.isEmpty && deny.isEmpty && allowDomain.isEmpty }
}

/// The arguments for an egress policy, from ArgumentParser or `QuickCommand`.
struct EgressArguments: Equatable {
  var reach: String?
  var allow: [String] = []
  var deny: [String] = []
  var allowDomain: [String] = []

  /// - Throws: `INVALID_POLICY`.
  func policy() throws(TapestryError) -> EgressPolicy {
    var policy = EgressPolicy(reach: reach.flatMap(EgressPolicy.Reach.init) ?? .inherited)
    for text in allow { policy.allow += try [Traffic](parsing: text) }
    for text in deny { policy.deny += try [Traffic](parsing: text) }
    for text in allowDomain { policy.domains.append(try DomainPattern(parsing: text)) }
    return policy
  }
}
