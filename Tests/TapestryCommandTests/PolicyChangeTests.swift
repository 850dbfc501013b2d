import TestKit
import Testing

@Suite("Changes of policies on the command line", .needsKernel)
struct PolicyChangeTests {
  private static func policy(_ reach: JSONValue, allow: [String] = [], deny: [String] = []) -> JSONValue {
    [
      "egress": reach, "allow": .array(allow.map(JSONValue.string)), "deny": .array(deny.map(JSONValue.string)),
      "allowDomain": [], "allowLabel": [],
    ]
  }

  @Test("set what they name, and leave the rest as it is")
  func fields() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "sandbox", "--egress", "internet", "--allow", "10.0.0.5")
      let network = try await rig.json("policy", "set", "--network", "sandbox", "--deny", "203.0.113.7")
      #expect(network["egress"] == Self.policy("internet", allow: ["10.0.0.5"], deny: ["203.0.113.7"]))
      #expect(network["hostAccess"] == ["icmp"])
      let access = try await rig.json("policy", "set", "--network", "sandbox", "--host-access", "none")
      #expect(access["egress"] == network["egress"] && access["hostAccess"] == [])

      let made = try await rig.json(
        "attach", "vm", "--network", "sandbox", "--egress", "none", "--rate-limit", "tx=10mbit,rx=10mbit",
        "--max-connections", "300")
      let changed = try await rig.json("policy", "set", "vm", "--allow", "203.0.113.8")[0]
      #expect(changed["egress"] == Self.policy("none", allow: ["203.0.113.8"]))
      #expect(changed["rateLimit"] == made["rateLimit"] && changed["maxConnections"] == 300)
      let rate = try await rig.json("policy", "set", "vm", "--rate-limit", "tx=20mbit")[0]
      #expect(rate["rateLimit"] == ["txBits": 20_000_000, "rxBits": 10_000_000])
      #expect(rate["egress"] == changed["egress"] && rate["maxConnections"] == 300)

      // A word clears each.
      let limits = try await rig.json("policy", "set", "vm", "--rate-limit", "tx=none", "--max-connections", "default")[
        0]
      #expect(limits["rateLimit"] == ["rxBits": 10_000_000] && limits["maxConnections"].isNull)
      #expect(try await rig.json("policy", "set", "vm", "--egress", "inherit")[0]["egress"]["egress"].isNull)
      #expect(try await rig.json("policy", "set", "vm", "--allow", "none")[0]["egress"].isNull)
      let cleared = try await rig.json("policy", "set", "--network", "sandbox", "--allow", "none", "--deny", "none")
      #expect(cleared["egress"] == Self.policy("internet"))
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("add to lists and remove from them, and print the policy that is in force")
  func lists() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output(
        "attach", "web-1", "--egress", "none", "--allow", "203.0.113.7", "--rate-limit", "rx=1gbit")
      #expect(
        try await rig.output("policy", "add", "web-1", "--allow", "10.0.0.0/8:53", "--allow", "203.0.113.7") == """
          web-1/eth0 (172.30.0.2)
            allow 203.0.113.7                       web-1/eth0
            allow 10.0.0.0/8:53/tcp                 web-1/eth0
            allow 10.0.0.0/8:53/udp                 web-1/eth0
            egress none                             web-1/eth0
            host access icmp                        network default
            inter-VM no                             network default
            rate limit rx=1gbit                     web-1/eth0
            connections at most 4096                default

          """)
      #expect(
        try await rig.output("policy", "remove", "web-1", "--allow", "10.0.0.0/8:53") == """
          web-1/eth0 (172.30.0.2)
            allow 203.0.113.7                       web-1/eth0
            egress none                             web-1/eth0
            host access icmp                        network default
            inter-VM no                             network default
            rate limit rx=1gbit                     web-1/eth0
            connections at most 4096                default

          """)
      #expect(
        try await rig.output(
          "policy", "add", "--network", "default", "--deny", "10.0.0.0/8", "--host-access", "8080/tcp")
            == """
            network default
              deny 10.0.0.0/8                         network default
              egress all                              network default
              host access 8080/tcp,icmp               network default
              inter-VM no                             network default

            """)
      let network = try await rig.json("policy", "remove", "--network", "default", "--host-access", "icmp")
      #expect(network["hostAccess"] == ["8080/tcp"] && network["egress"]["deny"] == ["10.0.0.0/8"])
      #expect(try await rig.output("check") == "no drift\n")

      // What is not there is warned of.
      let before = try await rig.state()
      for words in [["web-1", "--deny", "203.0.113.7"], ["--network", "default", "--host-access", "dns"]] {
        let result = try await rig.tapestry(["policy", "remove"] + words).checked()
        #expect(result.stderr == "warning: '\(words.last ?? "")' was not in the policy\n")
      }
      for words in [["--allow", "none"], ["--allow", "192.0.2.1", "--deny", "192.0.2.1"]] {
        expectError(try await rig.tapestry(["policy", "add", "web-1"] + words), "INVALID_POLICY")
      }
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("of a VM are of all its interfaces or of none")
  func interfaces() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--egress", "none")
      _ = try await rig.output("attach", "web-1", "--egress", "none", "--allow", "203.0.113.7")
      _ = try await rig.output("attach", "web-1", "--interface", "eth1", "--network", "blue")
      let before = try await rig.state()
      // Right for one, and not for the other, whose own subnet it is in.
      let subnet = try await rig.json("network", "show", "blue")["subnet"].string ?? ""
      expectError(
        try await rig.tapestry("policy", "add", "web-1", "--deny", subnet), "INVALID_POLICY", saying: "network blue")
      try await rig.expectUnchanged(since: before)
      // It is enough that one has what is to be removed.
      let removed = try await rig.json("policy", "remove", "web-1", "--allow", "203.0.113.7")
      #expect(removed.elements.map { $0["egress"]["allow"] } == [[], .null])
      let both = try await rig.json("policy", "add", "web-1", "--deny", "203.0.113.0/24")
      #expect(both.elements.map { $0["egress"]["deny"] } == [["203.0.113.0/24"], ["203.0.113.0/24"]])
      #expect(both.elements.map { $0["egress"]["egress"] } == ["none", .null])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("are foretold by a dry run, which changes nothing")
  func dryRun() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "web-1", "--egress", "none")
      let before = try await rig.state()
      #expect(
        try await rig.output("policy", "add", "web-1", "--allow", "203.0.113.7", "--dry-run") == """
          web-1/eth0 (172.30.0.2)
            allow 203.0.113.7                       web-1/eth0
            egress none                             web-1/eth0
            host access icmp                        network default
            inter-VM no                             network default
            connections at most 4096                default
          no connection would end

          """)
      let preview = try await rig.json("policy", "set", "--network", "default", "--egress", "internet", "--dry-run")
      #expect(preview["ending"] == [] && preview["policies"][0]["inherited"]["egress"] == "internet")
      expectError(
        try await rig.tapestry("policy", "set", "web-1", "--rate-limit", "tx=1bit", "--dry-run"), "INVALID_RATE")
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("that many processes make at once are all made")
  func concurrent() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "web-1", "--egress", "none")
      _ = try await rig.shell(
        """
        for n in $(seq 1 12); do
          tapestry policy add web-1 --allow 203.0.113.$n &
          tapestry policy add --network default --deny 198.51.100.$n &
        done
        wait
        """
      ).checked()
      let shown = try await rig.json("policy", "show", "web-1")[0]
      #expect(shown["own"]["allow"].elements.count == 12 && shown["inherited"]["deny"].elements.count == 12)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("without a word on whom or on what are wrong usage")
  func usage() async throws {
    try await CommandRig.use { rig in
      for words in [
        ["add", "web-1"], ["remove", "web-1"], ["add", "--allow", "10.0.0.1"],
        ["add", "web-1", "--host-access", "dns"],
        ["remove", "--network", "default", "--host-access", "none"], ["add", "web-1", "--egress", "all"],
        ["set", "--network", "default", "--egress", "inherit"],
      ] {
        let result = try await rig.tapestry(["policy"] + words)
        #expect(result.status == 64, "\(words): \(result)")
      }
    }
  }
}
