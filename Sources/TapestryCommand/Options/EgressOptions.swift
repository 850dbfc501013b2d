import ArgumentParser
import Tapestry

/// What guests may reach, in words.
struct EgressOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so "
        + "nothing private; or nothing. (default: a network's is all, an attachment's that of its network)",
      valueName: "reach"))
  var egress: Reach?

  enum Reach: String, ExpressibleByArgument, CaseIterable {
    case all, internet, none
  }

  @OptionGroup var lists: EgressListOptions

  var wish: EgressWish {
    EgressWish(reach: egress?.rawValue, allow: lists.allow, deny: lists.deny, allowDomain: lists.allowDomain)
  }
}

/// The lists of an egress policy.
struct EgressListOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one "
        + "with the longer prefix counts, then the one with fewer ports.", valueName: "traffic"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Drop this; may be repeated.", valueName: "traffic"))
  var deny: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where the reach is none, let through what the network's name server (--dns-server) has told of this name, or with *. "
        + "before it of the names below, if it is on the internet; for an hour since. May be repeated.",
      valueName: "domain"))
  var allowDomain: [String] = []

  var isEmpty: Bool { allow.isEmpty && deny.isEmpty && allowDomain.isEmpty }
}

/// An egress policy as it was asked for, whoever read the arguments.
struct EgressWish: Equatable {
  var reach: String?
  var allow: [String] = []
  var deny: [String] = []
  var allowDomain: [String] = []

  /// - Throws: `INVALID_POLICY`.
  func policy() throws(TapestryError) -> EgressPolicy {
    var policy = EgressPolicy(reach: reach.flatMap(EgressPolicy.Reach.init) ?? .inherited)
    for text in allow { policy.allow += try Traffic.parse(text) }
    for text in deny { policy.deny += try Traffic.parse(text) }
    for text in allowDomain { policy.domains.append(try DomainPattern(validating: text)) }
    return policy
  }
}
