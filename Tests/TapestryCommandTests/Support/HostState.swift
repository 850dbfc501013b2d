import FoundationEssentials
import TestKit

/// All that a command could change: what the kernel has, and what the state file holds.
struct HostState {
  var kernel: String
  var store: String

  /// The lines that are in one of the two only: gone with `-`, new with `+`.
  func changes(since before: HostState) -> [String] {
    let old = before.kernel.split(separator: "\n") + before.store.split(separator: "\n")
    let new = kernel.split(separator: "\n") + store.split(separator: "\n")
    return new.difference(from: old).map { change in
      switch change {
      case .insert(_, let line, _): "+\(line)"
      case .remove(_, let line, _): "-\(line)"
      }
    }
  }
}

extension CommandRig {
  func state() async throws -> HostState {
    HostState(kernel: try await kernelState(), store: try await storeState())
  }

  /// As the kernel's own tools print it; without what moves by itself: carrier, timers, counters.
  func kernelState() async throws -> String {
    try await namespace.command(
      "sh", "-c",
      """
      {
        ip -o link
        ip -o -4 address
        ip -4 route show table all
        ip -4 rule
        bridge -d link
        bridge fdb | grep " master " | sort
        nft -s list ruleset
        grep -s . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
      } | sed -E 's/ state [A-Za-z]+//; s/NO-CARRIER,//; s/,LOWER_UP//; s/ linkdown//; s/ +$//'
      """)
  }

  /// The same without the links' numbers, which are new for those that were made again.
  func kernelShape() async throws -> [String] {
    try await kernelState().split(separator: "\n").map { line in
      let rest = line.drop { $0.isNumber }
      return String(rest.first == ":" ? rest : line)
    }.sorted()
  }

  /// The rows of every table.
  func storeState() async throws -> String {
    guard FileManager.default.fileExists(atPath: statePath) else { return "" }
    return try await query(".dump")
  }

  func link(_ name: String) async throws -> JSONValue {
    try await namespace.json("ip", "-j", "-d", "link").first(where: "ifname", is: .string(name))
  }
}
