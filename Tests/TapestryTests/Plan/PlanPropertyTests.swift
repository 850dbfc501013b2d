import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A plan, whatever is desired and whatever is there")
struct PlanPropertyTests {
  private static let worlds = 40
  private static let trials = 50

  @Test("leaves no difference, touches nothing of others, and opens no guest on the way", arguments: 0..<worlds)
  func properties(seed: Int) throws {
    var random = RandomWorld(SeededGenerator(seed: UInt64(seed)))
    for _ in 0..<Self.trials {
      let desired = try random.desired()
      let before = try random.observed()
      let plan = Plan.difference(desired, before)
      var state = before
      for item in plan.items {
        let next = state.applying(item.step)
        #expect(next.foreign == before.foreign, "\(item.step)")
        #expect(next.unfilteredTaps.isSubset(of: before.unfilteredTaps), "\(item.step)")
        if let guest = item.step.openedGuest { #expect(next.knows(guest, of: desired), "\(item.step)") }
        state = next
      }
      // What is in the way of a network keeps it, and what depends on it, from being made.
      guard plan.conflicts.isEmpty else { continue }
      let rest = Plan.difference(desired, state)
      #expect(rest.isEmpty, "\(rest.items.map(\.drift)) \(rest.conflicts) \(rest.notices)")
    }
  }
}

extension Step {
  /// The guest whose packets pass by a TAP from then on.
  fileprivate var openedGuest: Desired.Guest? {
    switch self {
    case .createTap(let guest), .setTap(let guest): guest
    default: nil
    }
  }
}

extension Observed {
  /// What is not ours, whatever it is called.
  fileprivate var foreign: [ObservedLink] { links.values.filter { !$0.isOwned }.sorted { $0.index < $1.index } }

  /// TAPs of ours whose packets no guard drops: there are no rules, or they take the TAP for no guest's.
  fileprivate var unfilteredTaps: Set<String> {
    let hasRules = if case .intact = ruleset { true } else { false }
    return Set(
      links.values.filter { $0.kind == "tun" && $0.isOwned && $0.isUp && (!hasRules || $0.group == nil) }.map(\.name))
  }

  /// Whether the rules have the guest as it should be, and no other by its TAP.
  fileprivate func knows(_ guest: Desired.Guest, of desired: Desired) -> Bool {
    guard case .intact(let ruleset) = ruleset else { return false }
    let name = guest.lease.tapName
    return ruleset.guests.filter { $0.tapName == name } == Set(desired.guestFacts.filter { $0.tapName == name })
  }
}
