import TestKit
import Testing

@Suite("Detach on the command line", .needsKernel)
struct DetachTests {
  /// Three VMs, one of them with two interfaces, one in another network.
  private func attachSome(_ rig: CommandRig) async throws {
    _ = try await rig.output("network", "create", "blue")
    _ = try await rig.output("attach", "a")
    _ = try await rig.output("attach", "a", "--interface", "eth1")
    _ = try await rig.output("attach", "b")
    _ = try await rig.output("attach", "c", "--network", "blue")
  }

  private func attached(_ rig: CommandRig) async throws -> [String] {
    let names = try await rig.json("ls").elements.map { "\($0["vmId"].string ?? "")/\($0["interfaceId"].string ?? "")" }
    let taps = try await rig.namespace.json("ip", "-j", "link").elements.compactMap { $0["ifname"].string }
    #expect(taps.filter { $0.hasPrefix("sv") && !$0.hasPrefix("svbr") }.count == names.count)
    #expect(try await rig.output("check") == "no drift\n")
    return names.sorted()
  }

  @Test("one interface, then every other of the VM")
  func one() async throws {
    try await CommandRig.use { rig in
      try await attachSome(rig)
      #expect(try await rig.output("detach", "a", "--interface", "eth1") == "detached a/eth1 (172.30.0.3)\n")
      #expect(try await attached(rig) == ["a/eth0", "b/eth0", "c/eth0"])
      _ = try await rig.output("attach", "a", "--interface", "eth2")
      #expect(
        try await rig.output("detach", "a") == "detached a/eth0 (172.30.0.2)\ndetached a/eth2 (172.30.0.5)\n")
      #expect(try await attached(rig) == ["b/eth0", "c/eth0"])
    }
  }

  @Test("--all --network: those of one network; --all: all; JSON: what was attached")
  func all() async throws {
    try await CommandRig.use { rig in
      try await attachSome(rig)
      let attachments = try await rig.json("ls").elements
      #expect(try await rig.json("detach", "--all", "--network", "blue") == .array([attachments[0]]))
      #expect(try await attached(rig) == ["a/eth0", "a/eth1", "b/eth0"])
      #expect(try await rig.json("detach", "--all").elements == Array(attachments.dropFirst()))
      #expect(try await attached(rig) == [])
      #expect(try await rig.json("detach", "--all") == [])
      #expect(try await rig.output("detach", "--all") == "")
    }
  }

  @Test("what is not attached is said to be so, and nothing changes")
  func missing() async throws {
    try await CommandRig.use { rig in
      try await attachSome(rig)
      try await rig.expectRefused(
        "ATTACHMENT_NOT_FOUND", [["detach", "d"], ["detach", "b", "--interface", "eth1"], ["inspect", "d"]])
    }
  }

  @Test("which VM, or all, must be said, and not both")
  func usage() async throws {
    try await CommandRig.use { rig in
      expectUsageError(try await rig.tapestry("detach"), saying: "Name a VM, or use '--all'")
      expectUsageError(try await rig.tapestry("detach", "a", "--all"), saying: "'--all'")
      expectUsageError(try await rig.tapestry("detach", "--all", "--interface", "eth0"), saying: "'--all'")
      expectUsageError(try await rig.tapestry("detach", "a", "--network", "blue"), saying: "'--network' requires")
      expectUsageError(try await rig.tapestry("detach", "a", "b"), saying: "Unexpected argument 'b'")
    }
  }
}
