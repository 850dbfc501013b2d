import Glibc
import TestKit
import Testing

/// Whether bridged frames pass through the hooks of IPv4, IPv6 and ARP as well: net.bridge.bridge-nf-call-*.
enum BridgeNetfilter: Int, CaseIterable, CustomTestStringConvertible {
  case off = 0
  case on = 1

  var testDescription: String { "br_netfilter \(self)" }

  /// Whether the kernel has it, or its module is loaded.
  fileprivate static var isPresent: Bool { unsafe access("/proc/sys/net/bridge/bridge-nf-call-iptables", F_OK) == 0 }

  /// What there is to try on this kernel.
  static var possible: [BridgeNetfilter] { isPresent ? [.off, .on] : [.off] }
}

extension Site {
  /// Cancels the test where br_netfilter is to be on and is not in the kernel.
  func setBridgeNetfilter(_ setting: BridgeNetfilter) async throws {
    guard BridgeNetfilter.isPresent else {
      guard setting == .on else { return }
      try Test.cancel("this kernel is without br_netfilter, or has not loaded it (modprobe br_netfilter)")
    }
    for family in ["iptables", "ip6tables", "arptables"] {
      try await host.command("sysctl", "-q", "-w", "net.bridge.bridge-nf-call-\(family)=\(setting.rawValue)")
    }
  }
}
