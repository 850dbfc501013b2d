import TestKit
import Testing

/// What a command asks the kernel, counted by strace(1): each request of netlink is a sendmsg(2).
@Suite("Requests to the kernel", .needsKernel)
struct RequestTests {
  /// Before Linux 6.16 the kernel does not tell how many elements a set has, so that empty ones are dumped too.
  private static let dumpsOfEmptySets = KernelRelease.isAtLeast(6, 16) ? 0 : 40
  private static let most: [(command: [String], requests: Int)] = [
    (["check"], 60 + dumpsOfEmptySets), (["repair"], 65 + dumpsOfEmptySets), (["attach", "a"], 8),
    (["policy", "set", "a", "--egress", "none"], 8),
    (["policy", "add", "a", "--allow", "198.51.100.7:443/tcp"], 8),
    (["policy", "set", "a", "--rate-limit", "tx=1mbit"], 8),
    (["policy", "set", "--network", "default", "--egress", "internet"], 8),
    (["publish", "a", "8080:80"], 8), (["publish", "b", "9090:90"], 8), (["unpublish", "a", "7070:70"], 8),
  ]

  @Test("are few", arguments: most)
  func count(command: [String], most: Int) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a", "--publish", "7070:70")
      _ = try await rig.output("attach", "b")
      let count = try await rig.requests(of: command)
      #expect(count > 0 && count <= most, "\(command): \(count) requests")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}

extension CommandRig {
  fileprivate func requests(of command: [String]) async throws -> Int {
    let log = "\(directory)/strace"
    let strace = ["strace", "-f", "-e", "trace=sendmsg,sendto", "-e", "signal=none", "-o", log]
    _ = try await namespace.command(
      arguments: strace + [Self.binary] + command, environment: environment
    ).checked()
    return try await namespace.command("cat", log).split(separator: "\n").count {
      $0.contains("sendmsg(") || $0.contains("sendto(")
    }
  }
}
