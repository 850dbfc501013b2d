import FoundationEssentials
import Glibc
import NetTypes
import Tapestry
import TestKit
import _StringProcessing

/// A manager in a namespace of its own, with a state file of its own.
struct Rig {
  let namespace: TestNamespace
  let statePath: String
  let manager: NetworkManager

  init(_ namespace: TestNamespace, statePath: String? = nil) throws {
    self.namespace = namespace
    self.statePath = statePath ?? "/tmp/\(namespace.name)/state.db"
    manager = try Rig.manager(namespace, self.statePath)
  }

  /// Another manager on the same state, as another process would have.
  func another() throws -> NetworkManager { try Rig.manager(namespace, statePath) }

  private static func manager(_ namespace: TestNamespace, _ statePath: String) throws -> NetworkManager {
    try NetworkManager(.init(statePath: statePath, networkNamespacePath: namespace.path))
  }

  /// Runs `body` with a rig, and removes its state file afterwards.
  static func use(_ body: (Rig) async throws -> Void) async throws {
    try await withNamespace { namespace in
      let rig = try Rig(namespace)
      do {
        try await body(rig)
      } catch {
        rig.removeState()
        throw error
      }
      rig.removeState()
    }
  }

  func removeState() {
    for suffix in ["", "-wal", "-shm", ".lock"] { _ = unsafe unlink(statePath + suffix) }
    // With what is beside the state file.
    try? FileManager.default.removeItem(atPath: "/tmp/\(namespace.name)")
  }

  /// What the kernel has, as its own tools print it: links, addresses, routes, ruleset, forwarding.
  /// - Parameter family: IPv6 has all that IPv4 has, and more.
  func kernelState(_ family: IPFamily = .v4) async throws -> [String] {
    let ofIPv6 = [
      "ip -o -6 address", "ip -6 route show table all", "ip -6 neighbour show nud permanent",
      "sysctl net.ipv6.conf.all.forwarding net.ipv6.conf.default.accept_ra",
    ]
    var state: [String] = []
    state.append(try await namespace.command("ip", "-o", "link"))
    state.append(try await namespace.command("ip", "-o", "-4", "address"))
    state.append(try await namespace.command("ip", "-4", "route", "show", "table", "all"))
    state.append(try await namespace.command("nft", "list", "ruleset").withSortedElements.withSortedChains)
    state.append(try await namespace.command("cat", "/proc/sys/net/ipv4/ip_forward"))
    for command in family == .v6 ? ofIPv6 : [] { state.append(try await namespace.command("sh", "-c", command)) }
    return state.map { text in
      // What follows the carrier, which settles by itself a moment after a link was made.
      text.split(separator: " ", omittingEmptySubsequences: false).filter { !Self.settling.contains($0) }
        .joined(separator: " ").replacing(",LOWER_UP", with: "").replacing("NO-CARRIER,", with: "")
        // What tells the state file from others.
        .replacing(/state\.[0-9a-f]{16}\./, with: "state.")
    }
  }

  private static let settling: Set<Substring> = ["UP", "DOWN", "UNKNOWN", "linkdown"]

  func link(_ name: String) async throws -> JSONValue {
    try await namespace.json("ip", "-j", "-d", "link").first(where: "ifname", is: .string(name))
  }
}
