import FoundationEssentials
import Glibc
import Logging
import NetTypes
import Tapestry
import TestKit
import Testing

/// As the articles write it. Testing has a type of this name too.
private typealias Attachment = Tapestry.Attachment

/// The code of the articles in Tapestry.docc, between `// docs: ARTICLE.N` and `// end`. `DocumentationTextTests` compares
/// it with the articles.
@Suite("The documentation's code", .needsKernel)
struct DocumentationTests {
  // MARK: YourFirstGuest

  @Test("attaches a first guest, and has what QEMU needs to know")
  func attach() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: YourFirstGuest.1
      let guest = try await manager.attach(AttachRequest(vmID: try Identifier(parsing: "web-1")))
      let vmmArguments = [
        "-append", "console=ttyS0 \(guest.bootArguments)",
        "-netdev", "tap,id=n0,ifname=\(guest.tapName),script=no,downscript=no",
        "-device", "virtio-net-pci,netdev=n0,mac=\(guest.mac)",
      ]
      // end
      #expect(vmmArguments[1] == "console=ttyS0 ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off")
      #expect(vmmArguments[3] == "tap,id=n0,ifname=svweb1eth0,script=no,downscript=no")
      #expect(vmmArguments[5] == "virtio-net-pci,netdev=n0,mac=\(guest.mac.description)")
      #expect(try await manager.attachments() == [guest])
    }
  }

  @Test("creates a network, and attaches a guest to it")
  func create() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: YourFirstGuest.2
      let settings = NetworkSettings(egress: EgressPolicy(reach: .internet), hostAccess: .nothing)
      let network = try await manager.createNetwork(
        NetworkRequest(name: try Identifier(parsing: "sandbox"), settings: settings))
      let vm = try Identifier(parsing: "job-1")
      let guest = try await manager.attach(AttachRequest(vmID: vm, network: network.name))
      // end
      #expect(try await manager.attachments(network: "sandbox") == [guest])
      #expect(try await manager.network(named: "sandbox") == network)
      #expect(network.settings == settings && network.mode == .bridge)
    }
  }

  @Test("detaches a guest, and removes its network")
  func detach() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      let network = try await manager.createNetwork(NetworkRequest(name: "sandbox"))
      let guest = try await manager.attach(AttachRequest(vmID: "job-1", network: network.name))
      // docs: YourFirstGuest.3
      try await manager.detach(vmID: guest.vmID)
      try await manager.removeNetwork(named: network.name)
      // end
      #expect(try await manager.networks().map(\.name.rawValue) == ["default"])
    }
  }

  @Test("catches an error by its code")
  func codes() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "web-1"))
      // docs: YourFirstGuest.4
      do {
        try await manager.detach(vmID: vm)
      } catch let error as TapestryError where error.code == .attachmentNotFound {
        // It is not attached, which is what the caller wants.
      }
      // end
      try await expectCode(.attachmentNotFound) { try await manager.detach(vmID: vm) }
    }
  }

  // MARK: Policies

  @Test("gives a network an egress policy and host access")
  func networkPolicy() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: Policies.1
      var settings = NetworkSettings()
      settings.egress.reach = .internet
      settings.egress.allow = try [Traffic](parsing: "10.0.0.5:5432/tcp")
      settings.egress.deny = try [Traffic](parsing: "203.0.113.0/24")
      settings.hostAccess = try HostAccess(parsing: "icmp,8080/tcp")
      let lab = try Identifier(parsing: "lab")
      try await manager.createNetwork(NetworkRequest(name: lab, settings: settings))
      // end
      let network = try await manager.network(named: "lab")
      #expect(network.settings.egress.allow.map(\.description) == ["10.0.0.5:5432/tcp"])
      #expect(network.settings.egress.deny.map(\.description) == ["203.0.113.0/24"])
      #expect(network.settings.hostAccess.description == "8080/tcp,icmp")
    }
  }

  @Test("gives an attachment a policy and limits")
  func attachmentPolicy() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "job-1"))
      // docs: Policies.2
      var settings = AttachmentSettings()
      settings.egress.reach = .nothing
      settings.egress.allow = try [Traffic](parsing: "203.0.113.7:443/tcp")
      settings.rateLimit = try RateLimit(parsing: "tx=100mbit,rx=100mbit")
      settings.maxConnections = .atMost(20_000)
      try await manager.attach(AttachRequest(vmID: vm, settings: settings))
      // end
      #expect(try await manager.attachments().map(\.settings) == [settings])
      #expect(settings.rateLimit.transmit == 100_000_000)
    }
  }

  @Test("allows the names below a domain")
  func domains() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: Policies.3
      let mirrors = EgressPolicy(reach: .nothing, domains: [try DomainPattern(parsing: "*.example.org")])
      let resolver = NameServer(upstreams: [try IPv4Address(parsing: "203.0.113.53")])
      let settings = NetworkSettings(egress: mirrors, nameServer: resolver)
      let build = try Identifier(parsing: "build")
      try await manager.createNetwork(NetworkRequest(name: build, settings: settings))
      // end
      let network = try await manager.network(named: "build")
      #expect(network.settings == settings)
      try await manager.cleanup()
    }
  }

  @Test("changes policies while guests run")
  func update() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "job-1"))
      try await manager.attach(AttachRequest(vmID: vm))
      // docs: Policies.4
      let registry = try [Traffic](parsing: "203.0.113.8:443/tcp")
      try await manager.update(vmID: vm) { $0.egress.allow += registry }
      try await manager.update(network: .default) { $0.egress.reach = .internet }
      // end
      #expect(try await manager.attachments().map(\.settings.egress.allow) == [registry])
      #expect(try await manager.network(named: "default").settings.egress.reach == .internet)
    }
  }

  @Test("says what a change would do")
  func preview() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "job-1"))
      let before = try await manager.attach(AttachRequest(vmID: vm))
      // docs: Policies.5
      let preview = try await manager.previewUpdate(vmID: vm) { $0.egress.reach = .nothing }
      for connection in preview.ending { print("would end: \(connection)") }
      // end
      #expect(preview.changed.map(\.settings.egress.reach) == [.nothing])
      #expect(try await manager.attachments() == [before])
    }
  }

  @Test("is refused a policy without effect")
  func refused() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: Policies.6
      let name = try DomainPattern(parsing: "example.org")
      do {
        try await manager.update(network: .default) { $0.egress.domains = [name] }
      } catch let error as TapestryError where error.code == .invalidPolicy {
        // The network has no name server. `error.message` says so.
      }
      // end
      try await expectCode(.invalidPolicy) {
        try await manager.update(network: "default") { $0.egress.domains = [name] }
      }
    }
  }

  @Test("publishes a port, and takes it back")
  func publish() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "job-1"))
      try await manager.attach(AttachRequest(vmID: vm))
      // docs: Policies.7
      let ports = try [PublishedPort](parsing: "8080:80/tcp")
      try await manager.publish(vmID: vm, ports: ports)
      try await manager.unpublish(vmID: vm, ports: ports)
      // end
      #expect(ports == [PublishedPort(hostPort: 8080, guestPort: 80)])
      #expect(try await manager.attachments().map(\.settings.published) == [[]])
    }
  }
}

extension DocumentationTests {
  // MARK: LivingWithCrashes

  @Test("ties an attachment to a process")
  func process() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "web-1"))
      let vmmPID = try await rig.namespace.start("sleep", "600").pid
      // docs: LivingWithCrashes.1
      let guest = try await manager.attach(AttachRequest(vmID: vm))
      try await manager.setProcess(vmID: guest.vmID, interfaceID: guest.interfaceID, pid: vmmPID)
      // end
      #expect(try await manager.attachments().map(\.pid) == [vmmPID])
    }
  }

  @Test("collects what belongs to a process that has ended")
  func garbage() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      let vmm = try await rig.namespace.start("sleep", "600")
      try await manager.attach(AttachRequest(vmID: "web-1", pid: vmm.pid))
      try vmm.kill(SIGKILL)
      _ = try await vmm.wait()
      // docs: LivingWithCrashes.2
      let ended = try await manager.attachments().filter { $0.endedPID != nil }
      let removed = try await manager.collectGarbage()
      // end
      #expect(ended.map(\.vmID) == ["web-1"])
      #expect(!removed.isEmpty)
      #expect(try await manager.attachments() == [])
    }
  }

  @Test("repairs a flushed ruleset")
  func repair() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      try await manager.attach(AttachRequest(vmID: "web-1"))
      try await rig.namespace.command("nft", "flush", "ruleset")
      // docs: LivingWithCrashes.3
      let drift = try await manager.check()
      if !drift.isEmpty { try await manager.repair() }
      // end
      #expect(!drift.isEmpty)
      #expect(try await manager.check() == [])
    }
  }

  @Test("rebuilds a lost state file")
  func adopt() async throws {
    try await Rig.use { rig in
      let guest = try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      rig.removeState()
      let manager = try rig.another()
      // docs: LivingWithCrashes.4
      do {
        try await manager.repair()
      } catch let error as TapestryError where error.code == .stateMismatch {
        // Only if the operator has decided that the file is lost, not misnamed.
        try await manager.repair(adopt: true)
      }
      // end
      #expect(try await manager.attachments() == [guest])
      #expect(try await manager.check() == [])
    }
  }

  // MARK: EmbeddingInAServer

  @Test("makes a manager of a namespace, with a logger")
  func options() async throws {
    try await Rig.use { rig in
      let (statePath, namespacePath) = (rig.statePath, rig.namespace.path)
      // docs: EmbeddingInAServer.1
      let logger = Logger(label: "org.example.vm-server.network")
      let options = NetworkManager.Options(
        statePath: statePath, networkNamespacePath: namespacePath, logger: logger)
      let manager = try NetworkManager(options)
      // end
      let guest = try await manager.attach(AttachRequest(vmID: "web-1"))
      #expect(try await rig.manager.attachments() == [guest])
      #expect(try await rig.link("svweb1eth0")["ifname"] == "svweb1eth0")
    }
  }

  @Test("attaches guests from tasks of a group")
  func group() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      // docs: EmbeddingInAServer.2
      let guests = try await withThrowingTaskGroup(of: Attachment.self) { group in
        for number in 1...3 {
          group.addTask { try await manager.attach(AttachRequest(vmID: try Identifier(parsing: "vm-\(number)"))) }
        }
        var attached: [Attachment] = []
        for try await guest in group { attached.append(guest) }
        return attached
      }
      // end
      #expect(try await manager.attachments().map(\.vmID).sorted() == ["vm-1", "vm-2", "vm-3"])
      #expect(Set(guests.map(\.guestIP)).count == 3)
    }
  }

  @Test("cancels a task that attaches")
  func cancel() async throws {
    try await Rig.use { rig in
      let (manager, vm) = (rig.manager, try Identifier(parsing: "web-1"))
      // docs: EmbeddingInAServer.3
      let attaching = Task { try await manager.attach(AttachRequest(vmID: vm)) }
      attaching.cancel()
      do {
        let guest = try await attaching.value
        // The call had begun. The guest is attached.
        try await manager.detach(vmID: guest.vmID)
      } catch is CancellationError {
        // The call had not begun. Nothing was changed.
      }
      // end
      #expect(try await manager.attachments() == [])
      #expect(try await manager.check() == [])
    }
  }

  @Test("cleans up when the server starts")
  func start() async throws {
    try await Rig.use { rig in
      let manager = try rig.another()
      let logger = Logger(label: "org.example.vm-server.network")
      let guest = try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      // docs: EmbeddingInAServer.4
      let removed = try await manager.collectGarbage()
      let repaired = try await manager.repair()
      for drift in removed + repaired { logger.notice("\(drift.description)") }
      // end
      #expect(removed + repaired == [])
      #expect(try await manager.attachments() == [guest])
    }
  }

  @Test("makes values without a kernel")
  func values() throws {
    // docs: EmbeddingInAServer.5
    let json = """
      {"vmId":"web-1","interfaceId":"eth0","network":"default","tapName":"svweb1eth0","guestIp":"172.30.0.2",
      "prefixLength":24,"gatewayIp":"172.30.0.1","subnetMask":"255.255.255.0","mac":"02:f9:6b:cd:74:69","mtu":1500,
      "bridge":"svbr0","bootArgs":"ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off"}
      """
    let attachment = try JSONDecoder().decode(Attachment.self, from: Data(json.utf8))
    let drift = Drift(.tap, "TAP svweb1eth0 of web-1/eth0 is missing", step: "make TAP svweb1eth0")
    // end
    #expect(attachment.tapName.rawValue == "svweb1eth0" && attachment.settings == AttachmentSettings())
    #expect(try JSONDecoder().decode(Attachment.self, from: JSONEncoder().encode(attachment)) == attachment)
    #expect(try JSONDecoder().decode([Drift].self, from: JSONEncoder().encode([drift])) == [drift])
  }
}
