import TestKit
import Testing

@Suite("Labels on the command line", .needsKernel)
struct LabelTests {
  @Test("are given with attach and network create, shown, and changed one by one")
  func life() async throws {
    try await CommandRig.use { rig in
      let network = try await rig.json("network", "create", "blue", "--label", "team=ci")
      #expect(network["labels"] == ["team": "ci"])
      let made = try await rig.json(
        "attach", "web-1", "--network", "blue", "--label", "tier=web", "--label", "app=shop")
      #expect(made["labels"] == ["app": "shop", "tier": "web"])
      #expect(try await rig.json("attach", "web-2")["labels"].isNull)
      #expect(try await rig.json("inspect", "web-1")[0] == made)
      #expect(try await rig.output("inspect", "web-1").contains("labels        app=shop,tier=web\n"))
      #expect(try await rig.output("network", "show", "blue").contains("labels        team=ci\n"))

      let changed = try await rig.json("label", "web-1", "tier=db", "app-", "none-")
      #expect(changed[0]["labels"] == ["tier": "db"])
      #expect(try await rig.json("label", "--network", "blue", "team-", "stage=test")["labels"] == ["stage": "test"])
      #expect(try await rig.output("label", "web-1", "tier-").contains("labels") == false)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("select what ls lists and what detach detaches")
  func filters() async throws {
    try await CommandRig.use { rig in
      for (vm, label) in [("a", "job=1"), ("b", "job=2"), ("c", "other=1")] {
        _ = try await rig.output("attach", vm, "--label", label, "--label", "all=yes")
      }
      _ = try await rig.output("attach", "d")
      func vms(_ filters: String...) async throws -> [String?] {
        try await rig.json(["ls"] + filters.flatMap { ["--filter", $0] }).elements.map { $0["vmId"].string }
      }
      #expect(try await vms("label=job=1") == ["a"])
      #expect(try await vms("label=job") == ["a", "b"])
      #expect(try await vms("label=all=yes", "label=other") == ["c"])
      #expect(try await vms("label=job=1", "label=job=2") == [])
      #expect(try await vms("label=job=") == [])
      let table = try await rig.output("ls").split(separator: "\n")
      #expect(table[0].hasSuffix("  LABELS") && table[1].hasSuffix("  all=yes,job=1"))
      #expect(try await rig.output("ls", "--network", "default", "--filter", "label=none").contains("LABELS") == false)

      #expect(try await rig.output("detach", "--filter", "label=job=2") == "detached b/eth0 (172.30.0.3)\n")
      #expect(try await rig.json("detach", "--filter", "label=all", "--network", "default").elements.count == 2)
      #expect(try await vms() == ["d"])
      #expect(try await rig.output("detach", "--filter", "label=job") == "")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("that are not valid, or no filter, are refused, and nothing changes")
  func invalid() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a", "--label", "tier=web")
      try await rig.expectRefused(
        "INVALID_LABEL",
        [
          ["attach", "b", "--label", "tier"], ["network", "create", "blue", "--label", "a b=c"],
          ["label", "a", "x=1", "y"],
          ["ls", "--filter", "label=a b"], ["detach", "--filter", "label=-=1"],
        ])
      try await rig.expectRefused("ATTACHMENT_CONFLICT", [["attach", "a", "--label", "tier=db"]])
      try await rig.expectRefused("ATTACHMENT_NOT_FOUND", [["label", "b", "tier=web"]])
      for arguments in [
        ["label", "a"], ["label", "--network", "default"], ["ls", "--filter", "tier=web"],
        ["detach", "a", "--filter", "label=tier"],
        ["label", "--network", "default", "--interface", "eth0", "a=1"],
      ] {
        expectUsageError(try await rig.tapestry(arguments), saying: "")
      }
      #expect(try await rig.json("attach", "a", "--label", "tier=web")["labels"] == ["tier": "web"])
      #expect(try await rig.json("attach", "a")["labels"] == ["tier": "web"])
    }
  }

  @Test("are allowed by policies of attachments and networks, which are shown, changed and kept")
  func allowed() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--mode", "routed", "--allow-label", "role=cache")
      #expect(try await rig.json("network", "show", "blue")["egress"]["allowLabel"] == ["role=cache"])
      let made = try await rig.json("attach", "web-1", "--allow-label", "tier=db", "--allow-label", "tier=mq")
      #expect(made["egress"]["allowLabel"] == ["tier=db", "tier=mq"])
      #expect(try await rig.json("attach", "web-1", "--allow-label", "tier=db", "--allow-label", "tier=mq") == made)
      #expect(try await rig.output("policy", "show", "web-1").contains("  allow guests tier=db   "))
      _ = try await rig.output("attach", "db-1", "--network", "blue", "--label", "tier=db")
      let peers = ["nft", "list", "set", "inet", "tapestry", "peers"]
      func pairs() async throws -> Int {
        try await rig.namespace.command(arguments: peers).checked().stdout.matches(of: /172[.0-9]+ \. 172/).count
      }
      #expect(try await pairs() == 1)
      _ = try await rig.output("label", "web-1", "role=cache")
      #expect(try await pairs() == 2)
      _ = try await rig.output("policy", "remove", "web-1", "--allow-label", "tier=db")
      #expect(try await rig.json("inspect", "web-1")[0]["egress"]["allowLabel"] == ["tier=mq"])
      #expect(try await pairs() == 1)
      _ = try await rig.output("policy", "set", "--network", "blue", "--allow-label", "none")
      #expect(try await pairs() == 0)
      _ = try await rig.output("policy", "add", "web-1", "--allow-label", "tier=db", "--deny", "172.30.0.9:22/tcp")
      #expect(try await pairs() == 1)
      #expect(try await rig.output("policy", "set", "web-1", "--inherit", "--dry-run").contains("tier") == false)
      #expect(try await rig.output("check") == "no drift\n")

      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      _ = try await rig.output("repair", "--adopt")
      #expect(try await pairs() == 1)
      #expect(try await rig.json("inspect", "web-1")[0]["egress"]["allowLabel"] == ["tier=mq", "tier=db"])
      try await rig.namespace.command(
        "sh", "-c", "nft list ruleset > listing && nft flush ruleset && nft -f listing && rm listing")
      #expect(try await rig.output("check") == "no drift\n")
      try await rig.expectRefused(
        "INVALID_LABEL",
        [["attach", "b", "--allow-label", "tier"], ["policy", "add", "web-1", "--allow-label", "a b=c"]])
      try await rig.expectRefused(
        "INVALID_POLICY", [["attach", "b"] + (0...32).flatMap { ["--allow-label", "key\($0)=v"] }])
      _ = try await rig.output("detach", "--all")
      #expect(try await pairs() == 0)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("are read back from the kernel when the state file is lost, however many they are")
  func adopted() async throws {
    try await CommandRig.use { rig in
      let many = (0..<32).flatMap { ["--label", "key\($0)=" + String(repeating: "v", count: 60)] }
      _ = try await rig.output(["network", "create", "blue", "--mode", "routed", "--label", "team=ci"])
      _ = try await rig.output(["attach", "a"] + many)
      _ = try await rig.output("attach", "b", "--network", "blue", "--label", "tier=web")
      let listed = (try await rig.output("ls", "-o", "json"), try await rig.output("network", "ls", "-o", "json"))
      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      _ = try await rig.output("repair", "--adopt")
      #expect(try await rig.output("ls", "-o", "json") == listed.0)
      #expect(try await rig.output("network", "ls", "-o", "json") == listed.1)
      #expect(try await rig.output("check") == "no drift\n")
      try await rig.namespace.command(
        "sh", "-c", "nft list ruleset > listing && nft flush ruleset && nft -f listing && rm listing")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}
