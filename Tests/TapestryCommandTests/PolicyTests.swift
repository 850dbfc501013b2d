import TestKit
import Testing

@Suite("Policies on the command line", .needsKernel)
struct PolicyTests {
  @Test("are given with attach, shown, changed while the VM runs, and left to the network again")
  func life() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json(
        "attach", "web-1", "--egress", "none", "--allow", "203.0.113.7:443/tcp", "--allow", "10.0.0.0/8", "--deny",
        "10.9.0.0/16")
      let policy: JSONValue = [
        "egress": "none", "allow": ["203.0.113.7:443/tcp", "10.0.0.0/8"], "deny": ["10.9.0.0/16"],
        "allowDomain": [], "allowLabel": [],
      ]
      #expect(made["egress"] == policy)
      #expect(try await rig.json("inspect", "web-1")[0] == made)
      #expect(try await rig.json("attach", "web-1") == made)
      expectError(
        try await rig.tapestry("attach", "web-1", "--egress", "all"), "ATTACHMENT_CONFLICT",
        saying: "tapestry policy set web-1")

      let shown = try await rig.json("policy", "show", "web-1")[0]
      #expect(shown["own"] == policy)
      #expect(shown["inherited"] == ["egress": "all", "allow": [], "deny": [], "allowDomain": [], "allowLabel": []])
      #expect(shown["hostAccess"] == ["icmp"])
      #expect(
        try await rig.output("policy", "show", "web-1") == """
          web-1/eth0 (172.30.0.2)
            allow 203.0.113.7:443/tcp               web-1/eth0
            allow 10.0.0.0/8                        web-1/eth0
            deny 10.9.0.0/16                        web-1/eth0
            egress none                             web-1/eth0
            host access icmp                        network default
            inter-VM no                             network default
            connections at most 4096                default

          """)

      let changed = try await rig.json("policy", "set", "web-1", "--egress", "internet")[0]
      #expect(changed["egress"]["egress"] == "internet" && changed["egress"]["allow"] == policy["allow"])
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.json("policy", "set", "web-1", "--inherit")[0]["egress"].isNull)
      let network = try await rig.json(
        "policy", "set", "--network", "default", "--deny", "203.0.113.0/24", "--host-access", "none")
      #expect(
        network["egress"] == [
          "egress": "all", "allow": [], "deny": ["203.0.113.0/24"], "allowDomain": [], "allowLabel": [],
        ])
      #expect(network["hostAccess"] == [])
      // What is not said stays.
      #expect(
        try await rig.json("policy", "set", "--network", "default", "--host-access", "dns")["egress"]
          == network["egress"])
      #expect(try await rig.json("policy", "show", "--network", "default")[0]["inherited"] == network["egress"])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("may name domains where the network has a name server")
  func domains() async throws {
    try await CommandRig.use { rig in
      let network = try await rig.json(
        "network", "create", "blue", "--dns-server", "--egress", "none", "--allow-domain", "Example.org")
      #expect(network["egress"]["allowDomain"] == ["example.org"])
      let made = try await rig.json(
        "attach", "web-1", "--network", "blue", "--allow-domain", "*.example.net", "--allow-domain", "a.example")
      #expect(made["egress"]["allowDomain"] == ["*.example.net", "a.example"])
      #expect(try await rig.json("attach", "web-1", "--network", "blue") == made)
      #expect(
        try await rig.output("policy", "show", "web-1") == """
          web-1/eth0 (\(made["guestIp"].string ?? ""))
            allow *.example.net                     web-1/eth0
            allow a.example                         web-1/eth0
            allow example.org                       network blue
            egress none                             network blue
            host access icmp                        network blue
            inter-VM no                             network blue
            connections at most 4096                default

          """)
      #expect(try await rig.output("check") == "no drift\n")
      let changed = try await rig.json("policy", "set", "web-1", "--allow-domain", "b.example")[0]
      #expect(changed["egress"]["allowDomain"] == ["b.example"])
      #expect(try await rig.output("check") == "no drift\n")
      expectError(
        try await rig.tapestry("attach", "web-2", "--allow-domain", "example.org"), "INVALID_POLICY",
        saying: "--dns-server")
      expectError(
        try await rig.tapestry("attach", "web-2", "--network", "blue", "--allow-domain", "203.0.113.7"),
        "INVALID_POLICY", saying: "use --allow")
      _ = try await rig.output("cleanup")
    }
  }

  @Test("are of one interface where it is named, else of all")
  func interfaces() async throws {
    try await CommandRig.use { rig in
      for interface in ["eth0", "eth1"] { _ = try await rig.output("attach", "web-1", "--interface", interface) }
      _ = try await rig.output("policy", "set", "web-1", "--interface", "eth1", "--egress", "none")
      #expect(try await rig.json("inspect", "web-1").elements.map { $0["egress"]["egress"] } == [.null, "none"])
      _ = try await rig.output("policy", "set", "web-1", "--egress", "internet")
      #expect(
        try await rig.json("inspect", "web-1").elements.map { $0["egress"]["egress"] } == ["internet", "internet"])
    }
  }

  @Test(
    "that cannot be are refused, and nothing is changed",
    arguments: [
      (["attach", "web-1", "--allow", "10/8"], "INVALID_POLICY", "'10/8'"),
      (["attach", "web-1", "--deny", "10.1.2.3/8"], "INVALID_POLICY", "host bits"),
      (["network", "create", "blue", "--host-access", "ssh"], "INVALID_POLICY", "'ssh'"),
      (
        ["network", "create", "blue", "--allow", "10.0.0.0/8:80/icmp"], "INVALID_POLICY", "only TCP and UDP have ports"
      ),
      (["policy", "set", "nobody", "--egress", "none"], "ATTACHMENT_NOT_FOUND", "'nobody'"),
      (["policy", "set", "--network", "nobody", "--egress", "none"], "NETWORK_NOT_FOUND", "'nobody'"),
      (["policy", "show", "nobody"], "ATTACHMENT_NOT_FOUND", "'nobody'"),
    ])
  func refused(words: [String], code: String, saying text: String) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("gc")
      let before = try await rig.state()
      expectError(try await rig.tapestry(words), code, saying: text)
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test(
    "without a word on whom or on what are wrong usage",
    arguments: [
      ["policy", "set"], ["policy", "set", "web-1"],
      ["policy", "set", "web-1", "--network", "default", "--egress", "all"],
      ["policy", "set", "web-1", "--host-access", "none"], ["policy", "set", "--network", "default", "--inherit"],
      ["policy", "set", "web-1", "--inherit", "--egress", "all"], ["policy", "set", "--network", "default"],
      ["policy", "set", "--network", "default", "--interface", "eth0", "--egress", "all"], ["policy", "show"],
      ["attach", "web-1", "--egress", "some"],
    ])
  func usage(words: [String]) async throws {
    try await CommandRig.use { rig in
      let result = try await rig.tapestry(words)
      #expect(result.status == 64, "\(result)")
    }
  }
}
