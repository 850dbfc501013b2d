import FoundationEssentials
import NetTypes
import TestKit
import Testing

@Suite("A real guest, run by the command line", .needsKernel, .needsGuest)
struct CommandLineTests {
  @Test("gets its network from its boot arguments, reaches the outside and not the host, and leaves nothing behind")
  func run() async throws {
    try await Surroundings.use { surroundings in
      let before = try await surroundings.state()
      try await surroundings.tapestry("network", "create", "demo", "--subnet", "172.31.7.0/24", "--bridge", "demobr0")
      let gateway = IPv4Address(172, 31, 7, 1)
      let running = try await surroundings.host.start(
        arguments: [Surroundings.binary, "run", "web-1", "--network", "demo", "--"]
          + VirtualMachine.arguments(
            tap: "{tapName}", mac: "{mac}", mtu: "{mtu}", bootArguments: "{bootArgs}",
            steps: Surroundings.steps(gateway: gateway) + ["deadline=240"]),
        environment: surroundings.environment)
      let guest = VirtualMachine(process: running)
      _ = try await guest.says("up")
      let listed = try JSONValue(parsing: try await surroundings.tapestry("ls", "-o", "json"))
      #expect(listed.elements.count == 1 && listed[0]["vmId"] == "web-1" && listed[0]["network"] == "demo")
      #expect(listed[0]["guestIp"] == "172.31.7.2")

      let result = try await guest.ends()
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try guest.said.last == "done", "\(result.stdout)")
      try surroundings.expectPromises(
        of: guest, address: IPv4Address(172, 31, 7, 2), gateway: gateway, mac: try #require(listed[0]["mac"].string))

      #expect(try await surroundings.tapestry("ls", "-o", "json") == "[]\n")
      let links = try await surroundings.host.json("ip", "-j", "link")
      #expect(links.first(where: "ifname", is: listed[0]["tapName"]).isNull)
      try await surroundings.tapestry("check")
      try await surroundings.tapestry("cleanup")
      #expect(try await surroundings.state() == before)
    }
  }
}

extension Surroundings {
  /// `tapestry`, beside the test bundle.
  fileprivate static let binary: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/tapestry"
  }()

  fileprivate var environment: [String: String] {
    ["PATH": GuestImage.environment("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin", "TAPESTRY_STATE": statePath]
  }

  /// Runs `tapestry`, which must succeed.
  @discardableResult
  fileprivate func tapestry(_ arguments: String...) async throws -> String {
    try await host.command(arguments: [Self.binary] + arguments, environment: environment).checked().stdout
  }

  /// What the kernel has, as its own tools print it.
  fileprivate func state() async throws -> String {
    try await host.command(
      "sh", "-c",
      """
      ip -o link; ip -o -4 address; ip -4 route show table all; ip -4 rule; nft -s list ruleset
      grep -rsH . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf | sort
      """)
  }
}
