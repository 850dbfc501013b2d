import Glibc
import TestKit
import Testing

/// Every option refuses nonsense with its code, and nothing changes.
@Suite("Bad addresses, owners, processes and sizes", .needsKernel)
struct BadAddressTests {
  @Test("--ip that is no address, is none of a guest's, or is taken")
  func ip() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      func attach(_ addresses: String...) -> [[String]] { addresses.map { ["attach", "b", "--ip", $0] } }
      try await rig.expectRefused(
        "INVALID_ADDRESS",
        attach("", "x", "172.30.0", "172.30.0.256", "172.30.0.02", "172.30.0.2/24", " 172.30.0.9", "::1", "١٧٢.30.0.9"))
      try await rig.expectRefused(
        "ADDRESS_OUT_OF_SUBNET", attach("172.30.0.0", "172.30.0.255", "172.30.1.2", "0.0.0.0", "255.255.255.255"))
      // The gateway's, and a's.
      try await rig.expectRefused("ADDRESS_IN_USE", attach("172.30.0.1", "172.30.0.2"))
      try await rig.expectRefused("ATTACHMENT_CONFLICT", [["attach", "a", "--ip", "172.30.0.9"]])
      expectError(
        try await rig.tapestry("attach", "b", "--ip", "172.30.1.2"), "ADDRESS_OUT_OF_SUBNET",
        saying: "172.30.0.2 to 172.30.0.254")
      expectError(try await rig.tapestry("attach", "b", "--ip", "172.30.0.2"), "ADDRESS_IN_USE", saying: "a/eth0")
    }
  }

  @Test("--mac that is no MAC, is none of a guest's, or is taken")
  func mac() async throws {
    try await CommandRig.use { rig in
      let taken = try await rig.json("attach", "a")["mac"].string ?? ""
      let gateway = try await rig.link("svbr0")["address"].string ?? ""
      func attach(_ macs: String...) -> [[String]] { macs.map { ["attach", "b", "--mac", $0] } }
      try await rig.expectRefused(
        "INVALID_MAC",
        attach(
          "", "x", "02:00:00:00:00", "02:00:00:00:00:00:01", "02-00-00-00-00-01", "020000000001", "2:0:0:0:0:1",
          "02:00:00:00:00:0g", " 02:00:00:00:00:01", "00:00:00:00:00:00", "01:00:5e:00:00:01", "33:33:00:00:00:01",
          "ff:ff:ff:ff:ff:ff"))
      try await rig.expectRefused("ADDRESS_IN_USE", attach(taken, taken.uppercased(), gateway))
      try await rig.expectRefused("ATTACHMENT_CONFLICT", [["attach", "a", "--mac", "02:00:00:00:00:01"]])
    }
  }

  @Test("--owner that is not numbers, or nobody's number")
  func owner() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let owners = [
        "", ":", "1000:", ":1000", "root", "1000:users", "1:2:3", "+5", " 5", "0x10", "1.5", "4294967295", "4294967296",
        "0:4294967295", "99999999999999999999", "١",
      ]
      try await rig.expectRefused("INVALID_OWNER", owners.map { ["attach", "b", "--owner", $0] })
      try await rig.expectRefused(
        "INVALID_OWNER", [["attach", "b", "--owner=-1"], ["run", "b", "--owner", "x", "--", "true"]])
      try await rig.expectRefused("ATTACHMENT_CONFLICT", [["attach", "a", "--owner", "1000"]])
    }
  }

  @Test("--pid of no process, and what is no number at all")
  func pid() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let gone = try await rig.namespace.start("true")
      _ = try await gone.wait()
      try await rig.expectRefused(
        "INVALID_PROCESS",
        [["attach", "b", "--pid", "0"], ["attach", "b", "--pid=-1"], ["attach", "b", "--pid", "\(gone.pid)"]])
      try await rig.expectRefused("INVALID_PROCESS", [["attach", "b", "--pid", "\(Int32.max)"]])
      let before = try await rig.state()
      for pid in ["", "x", "1.5", "0x1", " 1", "99999999999", "-1"] {
        expectUsageError(try await rig.tapestry("attach", "b", "--pid", pid), saying: "--pid")
      }
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("MTUs and name servers")
  func networkOptions() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let mtus = ["0", "575", "65522", "2147483648", "9223372036854775807"]
      try await rig.expectRefused("INVALID_MTU", mtus.map { ["network", "create", "blue", "--mtu", $0] })
      try await rig.expectRefused("INVALID_MTU", [["network", "create", "blue", "--mtu=-1500"]])
      let servers = ["", "x", "1.1.1", "::1", "1.1.1.1:53", "1.1.1.1,8.8.8.8"]
      try await rig.expectRefused("INVALID_ADDRESS", servers.map { ["network", "create", "blue", "--dns", $0] })

      let before = try await rig.state()
      for options in [["--mtu", "x"], ["--mtu", ""], ["--mtu", "1e3"], ["--mode", "vlan"], ["--mode", ""]] {
        expectUsageError(try await rig.tapestry(["network", "create", "blue"] + options), saying: options[0])
      }
      let thrice = ["198.51.100.1", "198.51.100.2", "198.51.100.3"].flatMap { ["--dns", $0] }
      expectUsageError(try await rig.tapestry(["network", "create", "blue"] + thrice), saying: "'--dns'")
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("a subnet without a free address left says so")
  func exhausted() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "tiny", "--subnet", "10.9.8.0/30")
      _ = try await rig.output("attach", "a", "--network", "tiny")
      try await rig.expectRefused("IP_EXHAUSTED", [["attach", "b", "--network", "tiny"]])
      expectError(
        try await rig.tapestry("attach", "b", "--network", "tiny"), "IP_EXHAUSTED",
        saying: "Subnet 10.9.8.0/30 has no available guest IP addresses")
    }
  }
}
