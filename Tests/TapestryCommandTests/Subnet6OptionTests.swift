import TestKit
import Testing

@Suite("IPv6, by the option --subnet6,", .needsKernel)
struct Subnet6OptionTests {
  @Test("is asked for with the network, and printed in every format")
  func life() async throws {
    try await CommandRig.use { rig in
      let network = try await rig.json("network", "create", "dual", "--subnet6", "fd12:3456:789a::/64")
      #expect(network["subnet6"] == "fd12:3456:789a::/64")
      #expect(network["gatewayIp6"] == "fe80::1")
      #expect(network["hostIp6"] == "fd12:3456:789a::1")
      #expect(network["nat6"] == true)
      #expect(try await rig.json("network", "show", "dual") == network)
      let text = try await rig.output("network", "show", "dual")
      #expect(text.contains("IPv6 subnet   fd12:3456:789a::/64\nIPv6 gateway  fe80::1\n"))

      let made = try await rig.json("attach", "web-1", "--network", "dual", "--mac", "02:00:00:00:00:01")
      #expect(made["guestIp6"] == "fd12:3456:789a::ff:fe00:1")
      #expect(made["prefixLength6"] == 128)
      #expect(made["gatewayIp6"] == "fe80::1")
      #expect(try await rig.json("inspect", "web-1")[0] == made)
      let environment = try await rig.output("attach", "web-1", "--network", "dual", "-o", "env")
      for line in [
        "TAPESTRY_GUEST_IP6='fd12:3456:789a::ff:fe00:1'", "TAPESTRY_PREFIX_LENGTH6='128'",
        "TAPESTRY_GATEWAY_IP6='fe80::1'",
      ] {
        #expect(environment.contains(line + "\n"))
      }
      #expect(
        try await rig.output("attach", "web-1", "--network", "dual").contains(
          "IPv6 address  fd12:3456:789a::ff:fe00:1/128\nIPv6 gateway  fe80::1\n"))
      #expect(try await rig.json("attach", "plain")["guestIp6"].isNull)
      #expect(try await rig.json("network", "show", "default")["subnet6"].isNull)
      let policy = try await rig.json(
        "policy", "set", "web-1", "--egress", "none", "--allow", "[2001:db8::/32]:443/tcp", "--deny", "2001:db8::7")[0]
      #expect(
        policy["egress"] == [
          "egress": "none", "allow": ["[2001:db8::/32]:443/tcp"], "deny": ["2001:db8::7"], "allowDomain": [],
          "allowLabel": [],
        ])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("has NAT where its prefix is a unique local one, unless something else is said")
  func nat() async throws {
    try await CommandRig.use { rig in
      for (number, (arguments, nat)) in [
        (["--subnet6", "auto"], true), (["--subnet6", "auto", "--no-nat6"], false),
        (["--subnet6", "2001:db8:1::/64"], false), (["--subnet6", "2001:db8:2::/64", "--nat6"], true),
      ].enumerated() {
        let made = try JSONValue(
          parsing: try await rig.output(["network", "create", "n\(number)", "-o", "json"] + arguments))
        #expect(made["nat6"] == .bool(nat), "\(arguments)")
        #expect(arguments[1] != "auto" || made["subnet6"].string?.hasPrefix("fd") == true)
      }
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("is refused where it cannot be, in words that say what to do")
  func refusals() async throws {
    try await CommandRig.use { rig in
      let create = ["network", "create", "x"]
      let clone = ["--mode", "clone", "--guest-ip", "192.168.77.2", "--guest-mac", "02:00:00:00:77:02"]
      expectError(
        try await rig.tapestry(create + clone + ["--subnet6", "auto"]), "INVALID_MODE", saying: "--subnet6")
      for text in ["fd00::/48", "fd00::1/64", "fe80::/64", "10.0.0.0/24", "automatic"] {
        expectError(try await rig.tapestry(create + ["--subnet6", text]), "INVALID_SUBNET", saying: "'\(text)'")
      }
      expectError(
        try await rig.tapestry(create + ["--subnet6", "auto", "--mtu", "1000"]), "INVALID_MTU", saying: "1280")
      let usage = try await rig.tapestry(create + ["--nat6"])
      #expect(usage.status == 64 && usage.stderr.contains("--subnet6"))
      _ = try await rig.output("network", "create", "one", "--subnet6", "fd00::/64")
      expectError(
        try await rig.tapestry(create + ["--subnet6", "fd00::/64"]), "SUBNET_OVERLAP", saying: "of network 'one'")
    }
  }

  @Test("a kernel without it is told by the option's name, and does for everything else")
  func withoutKernel() async throws {
    try await CommandRig.use { rig in
      // As where the kernel was started with ipv6.disable=1.
      try await rig.namespace.command("mount", "-t", "tmpfs", "none", "/proc/sys/net/ipv6")
      expectError(
        try await rig.tapestry("network", "create", "x", "--subnet6", "auto"), "KERNEL_UNSUPPORTED", saying: "--subnet6"
      )
      _ = try await rig.output("attach", "web-1")
      #expect(try await rig.output("check") == "no drift\n")
      _ = try await rig.output("cleanup")
    }
  }
}
