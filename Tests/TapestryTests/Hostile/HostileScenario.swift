import Glibc
import NetTypes
import Tapestry
import TestKit
import Testing

/// A way in which guests are joined, and what they may.
struct HostileScenario: Sendable, CustomTestStringConvertible {
  var mode: Network.Mode
  var allowsInterVM: Bool
  var reach: EgressPolicy.Reach
  var netfilter = BridgeNetfilter.off
  /// With a name server.
  var hasNames = false

  var nat: Bool { reach != .all }
  /// Guests appear under the host's IPv6 address.
  var nat6: Bool { reach == .internet }
  var hasIPv6: Bool { mode != .clone }

  var testDescription: String {
    var words = [mode.rawValue, allowsInterVM ? "inter-VM" : "isolated", "egress \(reach.rawValue)"]
    if mode == .bridge { words.append("br_netfilter \(netfilter)") }
    if hasNames { words.append("names") }
    return words.joined(separator: ", ")
  }

  static let all: [HostileScenario] = [
    .init(mode: .bridge, allowsInterVM: false, reach: .nothing, hasNames: true),
    .init(mode: .bridge, allowsInterVM: false, reach: .all),
    .init(mode: .bridge, allowsInterVM: false, reach: .internet, netfilter: .on),
    .init(mode: .bridge, allowsInterVM: false, reach: .nothing, netfilter: .on),
    .init(mode: .bridge, allowsInterVM: true, reach: .nothing),
    .init(mode: .bridge, allowsInterVM: true, reach: .internet, hasNames: true),
    .init(mode: .bridge, allowsInterVM: true, reach: .all, netfilter: .on),
    .init(mode: .bridge, allowsInterVM: true, reach: .nothing, netfilter: .on, hasNames: true),
    .init(mode: .routed, allowsInterVM: false, reach: .nothing, hasNames: true),
    .init(mode: .routed, allowsInterVM: false, reach: .internet),
    .init(mode: .routed, allowsInterVM: false, reach: .all),
    .init(mode: .routed, allowsInterVM: true, reach: .nothing),
    .init(mode: .routed, allowsInterVM: true, reach: .all),
    .init(mode: .clone, allowsInterVM: false, reach: .nothing, hasNames: true),
    .init(mode: .clone, allowsInterVM: false, reach: .internet),
    .init(mode: .clone, allowsInterVM: true, reach: .nothing),
    .init(mode: .clone, allowsInterVM: true, reach: .all),
  ]
}

/// How much is tried, and from what it is drawn.
enum HostileRun {
  /// `TAPESTRY_HOSTILE_SEED`, to have the same again.
  static let seed: UInt64 = number("TAPESTRY_HOSTILE_SEED") ?? .random(in: 1...999_999)
  /// `TAPESTRY_HOSTILE_FRAMES`, of all scenarios together.
  static let frames = Int(number("TAPESTRY_HOSTILE_FRAMES") ?? 6_800)

  /// Of each guest of each scenario.
  static var share: Int { max(1, (frames + 2 * HostileScenario.all.count - 1) / (2 * HostileScenario.all.count)) }

  private static func number(_ name: String) -> UInt64? {
    unsafe getenv(name).flatMap { unsafe UInt64(String(cString: $0)) }
  }
}
