import NetTypes

/// Findings about other firewalls. If `repair` can fix one, the advice says so; otherwise it gives the command that does.
extension Diagnosis {
  var firewalls: [Finding] {
    guard let observed else {
      return [Finding("firewall", .warning, "other firewalls were not checked", advice: "run tapestry doctor as root")]
    }
    let findings = observed.foreignForwards.flatMap { forward in
      [finding(forward)].compactMap(\.self) + networks.compactMap { denial(to: $0, by: forward) }
    }
    return findings.isEmpty ? [Finding("firewall", .ok, "no other chain drops all forwarded packets")] : findings
  }

  private func finding(_ forward: ForeignForward) -> Finding? {
    let networks = networks.filter { $0.prefix(forward.family) != nil }
    guard !networks.isEmpty else { return nil }
    if case .unreadable(let reason) = forward.obstacle {
      return Finding(
        "firewall", .warning, "chain '\(forward.chain)' cannot be read: \(reason)",
        advice: "check whether it drops guests' packets: \(forward.listing)")
    }
    guard forward.drops else { return nil }
    let message = "chain '\(forward.chain)' drops forwarded \(forward.packets) by default"
    let lost = networks.filter { !forward.passes($0) }
    if lost.isEmpty {
      return Finding("firewall", .ok, "\(message), and accepts the guests' networks after its own drop rules")
    }
    guard forward.obstacle == nil else {
      return Finding("firewall", .problem, "\(message); Tapestry cannot change it", advice: advice(lost, forward))
    }
    guard isInUse else { return Finding("firewall", .ok, "\(message); each network will get accept rules") }
    let (repairable, left) = (lost.filter(\.settings.opensFirewalls), lost.filter { !$0.settings.opensFirewalls })
    let place = forward.denied.isEmpty ? "" : " after its own drop rules"
    guard repairable.isEmpty else {
      return Finding(
        "firewall", .problem, "\(message), and lacks accept rules for \(names(repairable))\(place)",
        advice: "tapestry repair")
    }
    return Finding(
      "firewall", .warning, "\(message), and \(names(left)) gets no accept rules there", advice: advice(left, forward))
  }

  private func names(_ networks: [Network]) -> String { networks.map(\.name.rawValue).joined(separator: ", ") }

  private func advice(_ networks: [Network], _ forward: ForeignForward) -> String {
    networks.compactMap { $0.prefix(forward.family) }.map(forward.advice).joined(separator: "; ")
  }

  /// What a chain's rules drop of a network's packets. That is its owner's decision: a warning only if it is all packets.
  private func denial(to network: Network, by forward: ForeignForward) -> Finding? {
    guard let prefix = network.prefix(forward.family) else { return nil }
    let words = forward.denied.compactMap { $0.words(about: prefix) }
    guard !words.isEmpty else { return nil }
    let list = words.map(\.text).sorted().joined(separator: ", ")
    return Finding(
      "firewall", words.contains(where: \.isAll) ? .warning : .ok,
      "chain '\(forward.chain)' has rules that drop packets of network \(network.name): \(list)",
      advice: words.contains(where: \.isAll) ? forward.listing : nil, network: network.name)
  }
}

extension ForeignForward.Denial {
  /// The packets of a network that the rule drops, and whether it drops all in one direction. Returns nil if it drops none.
  fileprivate func words(about guests: IPPrefix) -> (text: String, isAll: Bool)? {
    let some = isConditional ? "some " : ""
    let isFromGuests = source?.overlaps(guests) ?? false
    let isToGuests = !isFromGuests && destination?.overlaps(guests) ?? false
    guard isToGuests || isFromGuests || source == nil else { return nil }
    let (way, own) = isToGuests ? ("to", destination) : ("from", source)
    let (back, other) = isToGuests ? ("from", source) : ("to", destination)
    let part = own.flatMap { $0.contains(guests) ? nil : $0.description }
    let text = "\(some)packets \(way) \(part ?? "them")" + (other.map { " \(back) \($0)" } ?? "")
    return ("\(text) (\(chain))", part == nil && other == nil && !isConditional)
  }
}
