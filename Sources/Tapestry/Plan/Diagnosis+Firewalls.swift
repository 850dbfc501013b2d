/// Others' firewalls. What `repair` can mend is said so; for the rest, there is the command that does.
extension Diagnosis {
  var firewalls: [Finding] {
    guard let observed else {
      return [
        Finding("firewall", .warning, "other firewalls were not looked at", advice: "run tapestry doctor as root")
      ]
    }
    let findings = observed.foreignForwards.compactMap(finding)
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
    if lost.isEmpty { return Finding("firewall", .ok, "\(message), and lets the guests' through") }
    guard forward.obstacle == nil else {
      return Finding(
        "firewall", .problem, "\(message); it cannot be changed from here",
        advice: lost.compactMap { $0.prefix(forward.family) }.map(forward.advice).joined(separator: "; "))
    }
    guard isInUse else { return Finding("firewall", .ok, "\(message); each network will be let through") }
    let names = lost.map(\.name.rawValue).joined(separator: ", ")
    return Finding("firewall", .problem, "\(message), and has lost its accepts for \(names)", advice: "tapestry repair")
  }
}
