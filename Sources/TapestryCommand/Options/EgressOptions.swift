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

  var arguments: EgressArguments { EgressArguments(reach: egress, lists: lists.named) }
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

  @Option(
    help: ArgumentHelp(
      "Allow connections to guests of any network of this host that have this label, or whose network has it; may be "
        + "repeated. A --deny that matches a guest's address still applies.",
      valueName: "key=value"))
  var allowLabel: [String] = []

  /// The entries, by list. Lists that are not named are left out.
  var named: [String: [String]] {
    ["allow": allow, "deny": deny, "allow-domain": allowDomain, "allow-label": allowLabel].filter { !$0.value.isEmpty }
  }

  /// The options in a sentence: `'--allow', '--deny' or '--allow-domain'`.
  static func names(_ word: String, after others: [String] = [], before more: [String] = []) -> String {
    let names = others + EgressPolicy.lists.map { "'--\($0.name)'" } + more
    return "\(names.dropLast().joined(separator: ", ")) \(word) \(names[names.count - 1])"
  }
}

/// The arguments for an egress policy, from ArgumentParser or `QuickCommand`.
struct EgressArguments: Equatable {
  var reach: EgressOptions.Reach?
  /// The entries, by list.
  var lists: [String: [String]] = [:]

  /// - Throws: `INVALID_POLICY`.
  func policy() throws(TapestryError) -> EgressPolicy {
    var policy = EgressPolicy(reach: reach.flatMap { EgressPolicy.Reach(rawValue: $0.rawValue) } ?? .inherited)
    for list in EgressPolicy.lists {
      if let texts = lists[list.name] { _ = try list.edit(.add, texts).apply(&policy) }
    }
    return policy
  }
}

extension EgressArguments {
  /// Takes its options from the words.
  init(_ words: inout QuickCommand.Words) {
    reach = words.take(["--egress"]) { EgressOptions.Reach(rawValue: $0) }
    for list in EgressPolicy.lists { lists[list.name] = words.takeAll("--\(list.name)") }
  }
}
