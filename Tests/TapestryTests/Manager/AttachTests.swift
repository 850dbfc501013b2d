import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Attach and detach, on the kernel", .needsKernel)
struct AttachTests {
  @Test("an attachment has what was promised, as ip and bridge see it")
  func attach() async throws {
    try await Rig.use { rig in
      let made = try await rig.manager.attach(
        AttachRequest(vmID: "web-1", settings: .init(owner: TapOwner(uid: 1234, gid: 5678))))
      #expect(made.guestIP.description == "172.30.0.2" && made.tapName.rawValue == "svweb1eth0")
      #expect(made.bootArguments == "ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off")

      let bridge = try await rig.link("svbr0")
      #expect(bridge["linkinfo"]["info_kind"] == "bridge" && bridge["ifalias"] == "tapestry:default")
      #expect(bridge["flags"].elements.contains("UP"))
      let addresses = try await rig.namespace.json("ip", "-j", "-4", "address", "show", "dev", "svbr0")
      #expect(addresses[0]["addr_info"][0]["local"] == "172.30.0.1")
      #expect(addresses[0]["addr_info"][0]["prefixlen"] == 24)

      let tap = try await rig.link("svweb1eth0")
      #expect(tap["ifalias"] == "tapestry:default/web-1/eth0" && tap["master"] == "svbr0")
      #expect(tap["altnames"].elements == ["web-1.eth0"])
      #expect(tap["linkinfo"]["info_data"]["type"] == "tap" && tap["linkinfo"]["info_data"]["persist"] == true)
      #expect(tap["linkinfo"]["info_data"]["user"].isNull == false)
      #expect(tap["flags"].elements.contains("UP"))
      let port = tap["linkinfo"]["info_slave_data"]
      #expect(port["isolated"] == true && port["learning"] == false && port["flood"] == false)

      let entries = try await rig.namespace.json("bridge", "-j", "fdb", "show", "br", "svbr0")
      let entry = entries.first(where: "mac", is: .string(made.mac.description))
      #expect(entry["ifname"] == "svweb1eth0" && entry["state"] == "permanent")
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n")
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("the same VM and interface get the same attachment back, and nothing changes")
  func idempotent() async throws {
    try await Rig.use { rig in
      let first = try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      let before = try await rig.kernelState()
      #expect(try await rig.manager.attach(AttachRequest(vmID: "web-1")) == first)
      #expect(try await rig.another().attach(AttachRequest(vmID: "web-1")) == first)
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.manager.attachments() == [first])
    }
  }

  @Test("cleanup leaves links, addresses, routes, ruleset and sysctls as they were")
  func cleanup() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      try await rig.manager.attach(AttachRequest(vmID: "web-1", interfaceID: "eth1"))
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      try await rig.manager.attach(AttachRequest(vmID: "db", network: "blue"))
      #expect(try await rig.kernelState() != before)
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.manager.attachments() == [])
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a detached VM's TAP, elements and neighbours are gone, its address comes last")
  func detach() async throws {
    try await Rig.use { rig in
      let first = try await rig.manager.attach(AttachRequest(vmID: "a"))
      try await rig.manager.attach(AttachRequest(vmID: "b"))
      #expect(try await rig.manager.detach(vmID: "a") == [first])
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await !rig.namespace.command("nft", "list", "ruleset").contains("svaeth0"))
      #expect(try await rig.manager.attach(AttachRequest(vmID: "c")).guestIP.description == "172.30.0.4")
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("detaching what is not attached is ATTACHMENT_NOT_FOUND")
  func detachNothing() async throws {
    try await Rig.use { rig in
      try await expectCode(.attachmentNotFound) { try await rig.manager.detach(vmID: "nobody") }
    }
  }

  @Test("VMs whose ids share four characters, and interfaces that share six, get TAPs of their own")
  func collidingNames() async throws {
    try await Rig.use { rig in
      var names: Set<String> = []
      for vm: Identifier in ["vm-100", "vm-101", "vm-10"] {
        for interface: Identifier in ["network-0", "network-1"] {
          let made = try await rig.manager.attach(AttachRequest(vmID: vm, interfaceID: interface))
          names.insert(made.tapName.rawValue)
          #expect(
            try await rig.link(made.tapName.rawValue)["ifalias"] == .string("tapestry:default/\(vm)/\(interface)"))
        }
      }
      #expect(names.count == 6 && names.contains("svvm10networ"))
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a foreign link of the preferred TAP name is left alone, and the TAP gets another")
  func foreignTapName() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "svweb1eth0", "type", "ifb")
      let made = try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      #expect(made.tapName.rawValue != "svweb1eth0")
      #expect(try await rig.link("svweb1eth0")["linkinfo"]["info_kind"] == "ifb")
      try await rig.manager.cleanup()
      #expect(try await rig.link("svweb1eth0")["linkinfo"]["info_kind"] == "ifb")
    }
  }

  @Test("a dry run says what would be done and changes nothing")
  func preview() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      let preview = try await rig.manager.previewAttach(AttachRequest(vmID: "web-1"))
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.manager.attachments() == [])
      #expect(preview.plan.contains { $0.hasPrefix("create bridge svbr0") })
      #expect(try await rig.manager.attach(AttachRequest(vmID: "web-1")) == preview.attachment)
      #expect(try await rig.manager.previewAttach(AttachRequest(vmID: "web-1")).plan == [])
    }
  }

  @Test("an address that was reserved is given to whoever asks for it, and to nobody else")
  func reservation() async throws {
    try await Rig.use { rig in
      let address = try await rig.manager.allocateIP()
      #expect(address.description == "172.30.0.2")
      #expect(try await rig.manager.attach(AttachRequest(vmID: "a")).guestIP.description == "172.30.0.3")
      #expect(try await rig.manager.attach(AttachRequest(vmID: "b", ip: address)).guestIP == address)
    }
  }

  @Test("a cancelled task changes nothing and throws CancellationError")
  func cancellation() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await rig.kernelState() == before)
    }
  }
}

/// Expects a `TapestryError` of this code.
func expectCode(
  _ code: TapestryError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Any
) async throws {
  do {
    _ = try await body()
    Issue.record("no error where \(code) was expected", sourceLocation: sourceLocation)
  } catch let error as TapestryError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
  }
}
