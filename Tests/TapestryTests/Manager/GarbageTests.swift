import Glibc
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Garbage, on the kernel", .needsKernel)
struct GarbageTests {
  @Test("an attachment goes when its process has ended, and not before")
  func goes() async throws {
    try await Rig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      try await rig.manager.attach(AttachRequest(vmID: "a", pid: vmm.pid))
      let kept = try await rig.manager.attach(AttachRequest(vmID: "b"))
      #expect(try await rig.manager.collectGarbage() == [])
      #expect(try await rig.manager.attachments().count == 2)

      try vmm.kill(SIGKILL)
      _ = try await vmm.wait()
      #expect(try await rig.manager.check() == [])
      #expect(try await rig.manager.repair() == [])
      #expect(try await rig.manager.attachments(vmID: "a").map(\.endedPID) == [vmm.pid])
      let drift = try await rig.manager.previewGarbage()
      #expect(drift.contains { $0.description == "process \(vmm.pid) of a/eth0 has ended" })
      #expect(try await rig.manager.collectGarbage() == drift)
      #expect(try await rig.manager.attachments() == [kept])
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("what is in the way of a command goes when its process has ended; what is not stays for gc")
  func inTheWay() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      let vmm = try await rig.namespace.start("sleep", "600")
      let port = PublishedPort(hostPort: 8080, guestPort: 80)
      try await rig.manager.attach(AttachRequest(vmID: "a", pid: vmm.pid, settings: .init(published: [port])))
      try await rig.manager.attach(AttachRequest(vmID: "b", network: "blue", pid: vmm.pid))
      let vm = try await rig.manager.attach(AttachRequest(vmID: "c"))
      try vmm.kill(SIGKILL)
      _ = try await vmm.wait()
      try await rig.manager.createNetwork(NetworkRequest(name: "red"))
      try await rig.manager.update(vmID: "c") { $0.rateLimit = RateLimit() }
      #expect(try await rig.another().attachments().map(\.vmID) == ["b", "a", "c"])
      try await rig.manager.removeNetwork(named: "blue")
      #expect(try await rig.manager.attachments().map(\.vmID) == ["a", "c"])
      try await rig.manager.publish(vmID: vm.vmID, ports: [port])
      #expect(try await rig.manager.attachments().map(\.vmID) == ["c"])
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("of one whose process has ended nothing is mended, and nothing but gc takes it down")
  func ended() async throws {
    try await Rig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      try await rig.manager.attach(AttachRequest(vmID: "a", pid: vmm.pid))
      try await rig.manager.attach(AttachRequest(vmID: "b"))
      try vmm.kill(SIGKILL)
      _ = try await vmm.wait()
      for link in ["svaeth0", "svbeth0"] { try await rig.namespace.command("ip", "link", "set", link, "down") }
      let drift = try await rig.manager.check()
      #expect(drift.map(\.description) == ["TAP svbeth0 of b/eth0 is down"])
      #expect(try await rig.manager.repair() == drift)
      #expect(try await rig.link("svaeth0")["flags"].elements.contains("UP") == false)
      try await rig.namespace.command("nft", "flush", "ruleset")
      try await rig.manager.repair()
      #expect(try await rig.manager.check() == [])
      #expect(try await rig.manager.attachments().map(\.vmID) == ["a", "b"])
      try await rig.manager.collectGarbage()
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a full subnet is freed of those whose process has ended, then is IP_EXHAUSTED, then works after a detach")
  func exhausted() async throws {
    try await Rig.use { rig in
      let subnet = try IPv4Subnet(parsing: "203.0.113.0/29")
      try await rig.manager.createNetwork(NetworkRequest(name: "small", subnet: subnet))
      let vmm = try await rig.namespace.start("sleep", "600")
      for number in 0..<5 {
        let request = AttachRequest(vmID: "vm-\(number)", network: "small", pid: number == 2 ? vmm.pid : nil)
        try await rig.manager.attach(request)
      }
      try await expectCode(.ipExhausted) { try await rig.manager.attach(AttachRequest(vmID: "x", network: "small")) }
      try vmm.kill(SIGKILL)
      _ = try await vmm.wait()
      let freed = try await rig.manager.attach(AttachRequest(vmID: "x", network: "small"))
      #expect(freed.guestIP.description == "203.0.113.4")
      try await expectCode(.ipExhausted) { try await rig.manager.attach(AttachRequest(vmID: "y", network: "small")) }
      try await rig.manager.detach(vmID: "vm-0")
      #expect(
        try await rig.manager.attach(AttachRequest(vmID: "y", network: "small")).guestIP.description == "203.0.113.2")
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a link with our mark and no lease goes, one without our mark stays, and healthy guests are not touched")
  func orphans() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      let index = try await rig.link("svaeth0")["ifindex"]
      for (name, alias) in [("orphan0", "tapestry:default/gone/eth0"), ("theirs0", "not:tapestry")] {
        try await rig.namespace.command("ip", "tuntap", "add", name, "mode", "tap")
        try await rig.namespace.command("ip", "link", "set", name, "alias", alias)
      }
      let collected = try await rig.manager.collectGarbage()
      #expect(collected.count == 1 && collected[0].description.contains("orphan0"))
      #expect(try await rig.link("orphan0").isNull)
      #expect(try await !rig.link("theirs0").isNull)
      #expect(try await rig.link("svaeth0")["ifindex"] == index)
    }
  }

  @Test("a process that is not there is INVALID_PROCESS, and nothing changes")
  func noProcess() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      try await expectCode(.invalidProcess) {
        try await rig.manager.attach(AttachRequest(vmID: "a", pid: Int32.max))
      }
      #expect(try await rig.kernelState() == before)
    }
  }
}
