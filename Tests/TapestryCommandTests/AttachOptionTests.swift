import Glibc
import TestKit
import Testing

@Suite("The options of attach", .needsKernel)
struct AttachOptionTests {
  @Test("an address and a MAC that are asked for are had, and printed")
  func wishes() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "a", "--ip", "172.30.0.77", "--mac", "02:00:00:00:00:4D")
      #expect(made["guestIp"] == "172.30.0.77")
      #expect(made["mac"] == "02:00:00:00:00:4d")
      #expect(made["bootArgs"] == "ip=172.30.0.77::172.30.0.1:255.255.255.0::eth0:off")
      #expect(try await rig.json("attach", "b")["guestIp"] == "172.30.0.2")
      // The same wishes again are no conflict.
      #expect(try await rig.json("attach", "a", "--ip", "172.30.0.77") == made)
    }
  }

  @Test("a MAC of the range that the host's side takes works too: the two sides never have the same one")
  func hostSide() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "a", "--mac", "fe:00:00:00:00:01")
      #expect(made["mac"] == "fe:00:00:00:00:01")
      #expect(try await rig.link("svaeth0")["address"] != made["mac"])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test(
    "--owner lets a user, and a group, open the TAP",
    arguments: [("1000", "1000", "-1"), ("1000:2000", "1000", "2000"), ("0:0", "0", "0")])
  func owner(option: String, uid: String, gid: String) async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "a", "--owner", option)
      #expect(made["tapName"] == "svaeth0")
      let tap = "/sys/class/net/svaeth0/"
      #expect(try await rig.namespace.command("cat", tap + "owner", tap + "group") == "\(uid)\n\(gid)\n")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("--network plugs into that network: its subnet, bridge, MTU and name servers")
  func network() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output(
        "network", "create", "blue", "--subnet", "10.7.0.0/16", "--bridge", "blue0", "--mtu", "1400", "--dns",
        "198.51.100.53", "--dns", "198.51.100.54")
      let made = try await rig.json("attach", "a", "--network", "blue")
      #expect(made["network"] == "blue" && made["bridge"] == "blue0" && made["mtu"] == 1400)
      #expect(made["prefixLength"] == 16 && made["subnetMask"] == "255.255.0.0")
      #expect(
        made["bootArgs"] == "ip=10.7.0.2::10.7.0.1:255.255.0.0::eth0:off:198.51.100.53:198.51.100.54")
      #expect(try await rig.json("attach", "b")["network"] == "default")
      #expect(try await rig.json("ls", "--network", "blue") == [made])
      #expect(try await rig.json("ls").elements.count == 2)
    }
  }

  @Test("--pid ties the attachment to a process, and another --pid to another")
  func process() async throws {
    try await CommandRig.use { rig in
      let first = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(first.pid)")
      #expect(try await rig.storeState().contains(",\(first.pid),"))
      _ = try await rig.output("attach", "a")
      #expect(try await rig.storeState().contains(",\(first.pid),"))
      _ = try await rig.output("attach", "a", "--pid", "\(getpid())")
      #expect(try await rig.storeState().contains(",\(getpid()),"))

      _ = try await rig.output("attach", "b", "--pid", "\(first.pid)")
      try await first.stop()
      _ = try await rig.output("gc")
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["a"])
      #expect(try await rig.link("svbeth0").isNull)
    }
  }

  @Test("ids that share what a TAP's name is made of get names, and MACs, of their own")
  func collisions() async throws {
    try await CommandRig.use { rig in
      let pairs = [
        ("web-1", "eth0"), ("web-10", "eth0"), ("web-1", "eth0-again"), ("a:b", "c"), ("a", "b:c"), ("Aa", "eth0"),
        ("BB", "eth0"), (":", ":"), (String(repeating: "x", count: 64), String(repeating: "y", count: 64)),
      ]
      for (vm, interface) in pairs { _ = try await rig.output("attach", vm, "--interface", interface) }
      let all = try await rig.json("ls").elements
      for field in ["tapName", "mac", "guestIp"] {
        #expect(Set(all.map { $0[field] }).count == pairs.count, "\(field)")
      }
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}
