import TestKit
import Testing

@Suite("What could not come true on the command line", .needsKernel)
struct VainOptionTests {
  @Test("is refused with the reason, and nothing is changed")
  func refused() async throws {
    try await CommandRig.use { rig in
      for words in [
        ["create", "named", "--dns-server"], ["create", "closed", "--dns-server", "--egress", "none"],
        ["create", "four", "--allow-inter-vm", "--subnet", "10.4.0.0/24"],
      ] {
        _ = try await rig.output(["network"] + words)
      }
      _ = try await rig.output("attach", "six", "--network", "four")
      let before = try await rig.state()
      let cases: [([String], String, String)] = [
        // Names, where all is open.
        (
          ["network", "create", "a", "--dns-server", "--allow-domain", "example.org"], "INVALID_POLICY", "--egress none"
        ),
        (
          ["attach", "a", "--network", "named", "--allow-domain", "example.org"], "INVALID_POLICY", "with --egress all"
        ),
        (
          ["attach", "a", "--network", "closed", "--egress", "internet", "--allow-domain", "example.org"],
          "INVALID_POLICY", "with --egress internet"
        ),
        (["policy", "set", "--network", "named", "--allow-domain", "example.org"], "INVALID_POLICY", "--egress none"),
        (["network", "create", "a", "--dns-server", "--allow-domain", "none"], "INVALID_POLICY", "'none'"),
        // Host bits.
        (["network", "create", "a", "--subnet", "10.5.5.5/24"], "INVALID_SUBNET", "10.5.5.0/24"),
        // Addresses that nobody has.
        (["attach", "a", "--publish", "192.0.2.9:80:80"], "INVALID_PORT", "192.0.2.9"),
        (["attach", "a", "--dry-run", "--publish", "192.0.2.9:80:80"], "INVALID_PORT", "192.0.2.9"),
        (["publish", "six", "224.0.0.1:80:80"], "INVALID_PORT", "224.0.0.1"),
        (["network", "create", "a", "--dns", "0.0.0.0"], "INVALID_ADDRESS", "0.0.0.0"),
        (["network", "create", "a", "--dns-server", "--dns-upstream", "224.0.0.1"], "INVALID_ADDRESS", "224.0.0.1"),
        // Rules that nothing meets.
        (["attach", "a", "--allow", "10.0.0.1", "--deny", "10.0.0.1"], "INVALID_POLICY", "allow 10.0.0.1"),
        (
          ["attach", "a", "--deny", "10.0.0.0/31", "--allow", "10.0.0.0", "--allow", "10.0.0.1"], "INVALID_POLICY",
          "deny 10.0.0.0/31"
        ),
        (["attach", "a", "--network", "four", "--allow", "2001:db8::1"], "INVALID_POLICY", "--subnet6"),
        (["attach", "a", "--allow", "fe80::1"], "INVALID_POLICY", "no host forwards"),
        (["attach", "a", "--network", "four", "--deny", "10.4.0.9"], "INVALID_POLICY", "--allow-inter-vm"),
        (["policy", "add", "six", "--deny", "10.4.0.0/25:22"], "INVALID_POLICY", "--allow-inter-vm"),
        (["attach", "a", "--network", "four", "--ip", "10.9.9.9"], "ADDRESS_OUT_OF_SUBNET", "10.9.9.9"),
      ]
      for (words, code, text) in cases { expectError(try await rig.tapestry(words), code, saying: text) }
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("is done and warned of where it may come true with other settings")
  func warned() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.tapestry("attach", "web-1", "--allow", "203.0.113.7:443/tcp").checked()
      #expect(result.stderr.hasPrefix("warning: 'allow 203.0.113.7:443/tcp' has no effect: with egress all"))
      let json = try await rig.tapestry("policy", "add", "web-1", "--allow", "10.0.0.1", "-o", "json").checked()
      #expect(
        try JSONValue(parsing: json.stderr.split(separator: "\n")[0].description)["warning"]["message"].string != nil)
      // Now there is something that they open.
      _ = try await rig.output("policy", "set", "web-1", "--egress", "internet")
      _ = try await rig.output("policy", "set", "web-1", "--egress", "inherit", "--deny", "0.0.0.0/0")
      _ = try await rig.output("attach", "web-2", "--allow", "169.254.169.254:80/tcp")

      // Domains stay, and are shown for what they are, while all is open.
      _ = try await rig.output("network", "create", "named", "--dns-server", "--egress", "none")
      _ = try await rig.output("attach", "web-3", "--network", "named", "--allow-domain", "example.org")
      let open = try await rig.output("policy", "set", "web-3", "--egress", "all")
      #expect(open.contains("  allow example.org (no effect) "))
      #expect(try await !rig.output("policy", "set", "web-3", "--egress", "inherit").contains("no effect"))
      _ = try await rig.output("cleanup")
    }
  }
}
