import TestKit
import Testing

@Suite("Networks on the command line", .needsKernel)
struct NetworkTests {
  private static let blue: JSONValue = [
    "name": "blue", "mode": "bridge", "subnet": "10.7.0.0/16", "gatewayIp": "10.7.0.1", "bridge": "blue0", "mtu": 1400,
    "dns": ["198.51.100.53", "198.51.100.54"], "allowInterVm": true, "nat": false,
    "egress": [
      "egress": "internet", "allow": ["10.0.0.5:5432/tcp"], "deny": ["203.0.113.0/24"], "allowDomain": [],
      "allowLabel": [],
    ],
    "hostAccess": ["8080/tcp", "icmp"], "firewallRules": true, "labels": [:],
  ]

  @Test("create prints the network, ls and show tell the same, rm leaves nothing of it")
  func life() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("gc")
      let before = try await rig.state()
      let made = try await rig.json(
        "network", "create", "blue", "--mode", "bridge", "--subnet", "10.7.0.0/16", "--bridge", "blue0", "--mtu",
        "1400",
        "--dns", "198.51.100.53", "--dns", "198.51.100.54", "--allow-inter-vm", "--no-nat",
        "--egress", "internet", "--allow", "10.0.0.5:5432/tcp", "--deny", "203.0.113.0/24", "--host-access",
        "icmp,8080/tcp")
      #expect(made == Self.blue)
      #expect(try await rig.json("network", "show", "blue") == Self.blue)
      #expect(try await rig.json("network", "ls").elements.map { $0["name"] } == ["blue", "default"])
      #expect(try await rig.json("network", "ls")[0] == Self.blue)
      #expect(try await rig.link("blue0")["mtu"] == 1400)
      #expect(try await rig.link("blue0")["ifalias"] == "tapestry:blue")
      #expect(try await rig.output("check") == "no drift\n")

      #expect(try await rig.output("network", "rm", "blue") == "")
      try await rig.expectUnchanged(since: before)
      expectError(try await rig.tapestry("network", "show", "blue"), "NETWORK_NOT_FOUND", saying: "'blue'")
    }
  }

  @Test("create prints the members of the JSON in their order, and the text for people")
  func formats() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.output("network", "create", "red")
      #expect(
        made == """
          name          red
          mode          bridge
          subnet        172.30.1.0/24
          gateway       172.30.1.1
          bridge        svbr1
          mtu           1500
          dns           none
          nat           yes
          inter-VM      no
          egress        all
          host access   icmp

          """)
      #expect(
        try await rig.output("network", "show", "red", "-o", "json")
          == #"{"name":"red","mode":"bridge","subnet":"172.30.1.0/24","gatewayIp":"172.30.1.1","bridge":"svbr1","#
          + #""mtu":1500,"dns":[],"allowInterVm":false,"nat":true,"#
          + #""egress":{"egress":"all","allow":[],"deny":[],"allowDomain":[],"allowLabel":[]},"hostAccess":["icmp"],"firewallRules":true,"#
          + #""labels":{}}"#
          + "\n")
      #expect(
        try await rig.output("network", "ls") == """
          NAME     MODE    SUBNET         GATEWAY     BRIDGE  MTU   NAT  INTER-VM
          default  bridge  172.30.0.0/24  172.30.0.1  svbr0   1500  yes  no
          red      bridge  172.30.1.0/24  172.30.1.1  svbr1   1500  yes  no

          """)
    }
  }

  @Test("'default' is there before anything is, costs nothing, and is made when it is first used")
  func byDefault() async throws {
    try await CommandRig.use { rig in
      let before = try await rig.kernelState()
      let shown = try await rig.json("network", "show", "default")
      #expect(shown["subnet"] == "172.30.0.0/24" && shown["bridge"] == "svbr0")
      #expect(try await rig.json("network", "ls") == [shown])
      #expect(try await rig.json("ls", "--network", "default") == [])
      #expect(try await rig.kernelState() == before)
      expectError(try await rig.tapestry("network", "rm", "default"), "NETWORK_NOT_FOUND")
      #expect(try await rig.output("cleanup", "--network", "default") == "")

      #expect(try await rig.json("network", "create", "default", "--subnet", "10.9.0.0/24")["bridge"] == "svbr0")
      #expect(try await rig.json("attach", "a")["guestIp"] == "10.9.0.2")
    }
  }

  @Test("a network is removed only when nothing is attached, and made only once")
  func refusals() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue")
      _ = try await rig.output("attach", "a", "--network", "blue")
      try await rig.expectRefused("NETWORK_IN_USE", [["network", "rm", "blue"]])
      try await rig.expectRefused("NETWORK_EXISTS", [["network", "create", "blue"]])
      try await rig.expectRefused(
        "NETWORK_NOT_FOUND",
        [
          ["network", "rm", "red"], ["network", "show", "red"], ["attach", "b", "--network", "red"],
          ["ls", "--network", "red"], ["detach", "--all", "--network", "red"], ["cleanup", "--network", "red"],
        ])
      _ = try await rig.output("detach", "--all", "--network", "blue")
      #expect(try await rig.output("network", "rm", "blue") == "")
    }
  }
}
