import TestKit
import Testing

@Suite("A dry run", .needsKernel)
struct DryRunTests {
  @Test("of the first attach: prints what attach then prints, and every step; changes nothing")
  func first() async throws {
    try await CommandRig.use { rig in
      let before = try await rig.state()
      let preview = try await rig.json("attach", "web-1", "--dry-run")
      let text = try await rig.output("attach", "web-1", "--dry-run")
      let arguments = try await rig.output("attach", "web-1", "--dry-run", "-o", "boot-args")
      try await rig.expectUnchanged(since: before)

      let plan = preview["plan"].elements.compactMap(\.string)
      #expect(Set(preview.members.keys) == ["attachment", "plan"])
      #expect(plan.contains("create TAP svweb1eth0 of web-1/eth0: master svbr0, isolated, mtu 1500, up"))
      #expect(plan.contains("set sysctl net/ipv4/ip_forward to 1"))
      #expect(text.hasSuffix("plan\n" + plan.map { "  \($0)\n" }.joined()))

      let made = try await rig.output("attach", "web-1")
      #expect(text.hasPrefix(made))
      #expect(try await rig.json("attach", "web-1") == preview["attachment"])
      #expect(arguments.dropLast() == preview["attachment"]["bootArgs"].string ?? "")
    }
  }

  @Test("of an attachment that is there: no steps, until something is missing")
  func again() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "web-1")
      #expect(try await rig.json("attach", "web-1", "--dry-run") == ["attachment": made, "plan": []])
      try await rig.namespace.command("ip", "link", "del", "svweb1eth0")
      let before = try await rig.state()
      let preview = try await rig.json("attach", "web-1", "--dry-run")
      #expect(preview["attachment"] == made)
      #expect(preview["plan"] == ["create TAP svweb1eth0 of web-1/eth0: master svbr0, isolated, mtu 1500, up"])
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("is refused what attach is refused")
  func refused() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      try await rig.expectRefused("ADDRESS_IN_USE", [["attach", "b", "--dry-run", "--ip", "172.30.0.2"]])
      try await rig.expectRefused("NETWORK_NOT_FOUND", [["attach", "b", "--dry-run", "--network", "blue"]])
      try await rig.expectRefused("ATTACHMENT_CONFLICT", [["attach", "a", "--dry-run", "--ip", "172.30.0.9"]])
    }
  }
}
