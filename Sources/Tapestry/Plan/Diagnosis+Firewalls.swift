import NetTypes

/// Others' firewalls. What `repair` can mend is said so; for the rest, there is the command that does.
extension Diagnosis {
  var firewalls: [Finding] {
    guard let observed else {
      return [
        Finding("firewall", .warning, "other firewalls were not looked at", advice: "run tapestry doctor as root")
      ]
    }
    let findings = observed.foreignForwards.flatMap { forward in
      [finding(forward)].compactMap(\.self) + networks.compactMap { denial(to: $0, by: forward) }
    }
    return findings.isEmpty ? [Finding("firewall", .ok, "no other chain drops all that is forwarded")] : findings
  }

  private func finding(_ forward: ForeignForward) -> Finding? {
    let networks = networks.filter { $0.prefix(forward.family) != nil }
    guard !networks.isEmpty else { return nil }
    if case .unreadable(let reason) = forward.obstacle {
      return Finding(
        "firewall", .warning, "chain '\(forward.chain)' cannot be read: \(reason)",
        advice: "look whether it drops packets of guests: \(forward.listing)")
    }
    guard forward.drops else { return nil }
    let packets = forward.family == .v6 ? "packets of IPv6" : "packets"
    let message = "chain '\(forward.chain)' drops forwarded \(packets) that it does not know"
    let lost = networks.filter { !forward.passes($0) }
    if lost.isEmpty {
      return Finding("firewall", .ok, "\(message), and has the accepts of the guests' networks behind what it denies")
    }
    guard forward.obstacle == nil else {
      return Finding(
        "firewall", .problem, "\(message); it cannot be changed from here", advice: advice(lost, forward))
    }
    guard isInUse else { return Finding("firewall", .ok, "\(message); each network will be let through") }
    let (mendable, left) = (lost.filter(\.opensFirewalls), lost.filter { !$0.opensFirewalls })
    guard mendable.isEmpty else {
      return Finding(
        "firewall", .problem, "\(message), and has lost its accepts for \(names(mendable))", advice: "tapestry repair")
    }
    return Finding(
      "firewall", .warning, "\(message), and \(names(left)) is to have no accepts there", advice: advice(left, forward))
  }

  private func names(_ networks: [Network]) -> String { networks.map(\.name.rawValue).joined(separator: ", ") }

  private func advice(_ networks: [Network], _ forward: ForeignForward) -> String {
    networks.compactMap { $0.prefix(forward.family) }.map(forward.advice).joined(separator: "; ")
  }

  /// What a chain's rules deny a network's guests. That is for its owner to say: it is no problem, unless it is all.
  private func denial(to network: Network, by forward: ForeignForward) -> Finding? {
    guard let prefix = network.prefix(forward.family) else { return nil }
    let words = forward.denied.compactMap { $0.words(about: prefix) }
    guard !words.isEmpty else { return nil }
    let list = words.map(\.text).sorted().joined(separator: ", ")
    return Finding(
      "firewall", words.contains(where: \.isAll) ? .warning : .ok,
      "chain '\(forward.chain)' denies guests of network \(network.name) by rules of its own: \(list)",
      advice: words.contains(where: \.isAll) ? forward.listing : nil)
  }
}

extension ForeignForward.Denial {
  /// What of a network's packets it drops, and whether that is all of one direction; nil where it is about none.
  fileprivate func words(about guests: IPPrefix) -> (text: String, isAll: Bool)? {
    let some = isConditional ? "some of " : ""
    let isFromGuests = source?.overlaps(guests) ?? false
    if let destination, destination.overlaps(guests), !isFromGuests {
      let isForAll = destination.contains(guests)
      let text = "\(some)what comes to \(isForAll ? "them" : "\(destination)")" + (source.map { " from \($0)" } ?? "")
      return ("\(text) (\(chain))", isForAll && source == nil && !isConditional)
    }
    guard source == nil || isFromGuests else { return nil }
    let isForAll = source?.contains(guests) ?? true
    let text =
      "\(some)what \(isForAll ? "they send" : "\(source.map { "\($0)" } ?? "") sends")"
      + (destination.map { " to \($0)" } ?? "")
    return ("\(text) (\(chain))", isForAll && destination == nil && !isConditional)
  }
}
