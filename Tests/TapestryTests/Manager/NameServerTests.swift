import FoundationEssentials
import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A dnsmasq", .needsKernel)
struct NameServerTests {
  private static func hosts(_ inner: InnerSite) -> String {
    "\(inner.site.rig.statePath).d/network-inner/hosts"
  }

  @Test("that was killed is missed by check, and started again by repair")
  func killed() async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      let guest = try await inner.guest("web-1")
      let before = try await inner.site.nameServers()
      #expect(before.count == 1)
      for pid in before { kill(pid, SIGKILL) }
      let wanted = [
        Drift(
          .nameServer, "dnsmasq of network inner is not running",
          step: "start dnsmasq of network inner at \(inner.network.subnet.gateway)", network: "inner")
      ]
      #expect(try await eventually { try await manager.check() == wanted })
      #expect(try await manager.repair() == wanted)
      #expect(try await manager.check() == [])
      #expect(try await inner.site.nameServers().count == 1)
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
    }
  }

  @Test("that was killed is started again by the next attach")
  func attached() async throws {
    try await InnerSite.useNames { inner in
      _ = try await inner.attach("web-1")
      for pid in try await inner.site.nameServers() { kill(pid, SIGKILL) }
      #expect(try await eventually { try await inner.site.nameServers() == [] })
      let guest = try await inner.guest("web-2")
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      #expect(try await inner.site.manager.check() == [])
    }
  }

  @Test("that runs otherwise, or twice, is put right; so is one whose bridge was made anew")
  func altered() async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      let guest = try await inner.guest("web-1")
      let pid = try #require(try await inner.site.nameServers().first)
      let arguments = try OtherProcess(pid: pid)?.arguments() ?? []
      let second = try await inner.site.host.start(
        arguments: arguments.filter { !$0.hasPrefix("--dhcp") } + ["--keep-in-foreground", "--port=5353"])
      #expect(try await eventually { try await inner.site.nameServers().count == 2 })
      #expect(try await manager.check().map(\.description) == ["dnsmasq of network inner runs 2 times"])
      for pid in try await inner.site.nameServers() where pid != second.pid { kill(pid, SIGKILL) }
      #expect(
        try await eventually {
          try await manager.check().map(\.description) == ["dnsmasq of network inner runs with another configuration"]
        })
      try await manager.repair()
      #expect(try await second.wait().status == 0)
      #expect(try await manager.check() == [])

      try await inner.site.host.command("ip", "link", "delete", inner.network.bridge.rawValue)
      try await manager.repair()
      #expect(try await manager.check() == [])
      #expect(try await inner.site.nameServers().count == 1)
      let discover = DHCPMessage(.discover, transaction: 1, of: guest.mac).frame(from: guest.mac)
      #expect(try await guest.sendRepeatedly(discover) { $0.dhcpAnswer?.kind == .offer } != nil)
    }
  }

  @Test("that was told to end and runs on, as when its command was killed then, is started again by repair")
  func leaving() async throws {
    try await InnerSite.useNames { inner in
      let before = try await inner.site.nameServers()
      try File.replace("\(inner.site.rig.statePath).d/network-inner/pid", with: "", mode: 0o600)
      #expect(
        try await inner.site.manager.check().map(\.description) == ["dnsmasq of network inner is about to end"])
      try await inner.site.manager.repair()
      #expect(try await inner.site.manager.check() == [])
      let after = try await inner.site.nameServers()
      #expect(after.count == 1 && after != before)
    }
  }

  @Test("whose files were changed is told again")
  func files() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      let manager = inner.site.manager
      let made = try await inner.attach("web-1")
      let guest = try await inner.site.boot(made)
      let file = "\(Self.hosts(inner))/\(made.address)"
      try FileManager.default.removeItem(atPath: file)
      #expect(try await eventually { try await guest.lookUp("web-1.inner.internal") == .unknown })
      try File.replace("\(Self.hosts(inner))/172.30.1.99", with: "172.30.1.99 evil.inner.internal\n", mode: 0o644)
      #expect(
        try await manager.check().map(\.description) == [
          "dnsmasq of network inner does not know web-1/eth0", "dnsmasq of network inner still knows 172.30.1.99",
        ])
      try await manager.repair()
      #expect(try await manager.check() == [])
      #expect(try await eventually { try await guest.lookUp("web-1.inner.internal") == .addresses(made.address) })
      #expect(try await eventually { try await guest.lookUp("evil.inner.internal") == .unknown })
      // Without its whole directory it goes on, until it is put right.
      try FileManager.default.removeItem(atPath: inner.site.rig.statePath + ".d")
      #expect(try await manager.check().count == 2)
      try await manager.repair()
      #expect(try await manager.check() == [])
      #expect(try await inner.site.nameServers().count == 1)
      #expect(try await guest.lookUp("web-1.inner.internal") == .addresses(made.address))
    }
  }

  @Test("goes with its network, and takes nothing else along", arguments: [false, true])
  func removed(byCleanup: Bool) async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      _ = try await inner.attach("web-1")
      let pid = try #require(try await inner.site.nameServers().first)
      // A process that the file speaks of, and that is none of ours.
      let other = try await inner.site.host.start("sleep", "1000")
      let file = "\(inner.site.rig.statePath).d/network-inner/pid"
      try File.replace(file, with: "\(other.pid)\n", mode: 0o644)
      try await manager.detach(vmID: "web-1")
      if byCleanup { try await manager.cleanup() } else { try await manager.removeNetwork(named: "inner") }
      #expect(try OtherProcess(pid: pid)?.hasEnded(within: .zero) ?? true)
      #expect(try await inner.site.nameServers() == [])
      #expect(!FileManager.default.fileExists(atPath: inner.site.rig.statePath + ".d"))
      await #expect(throws: (any Error).self) { try await other.wait(atMost: .milliseconds(50)) }
      #expect(try await inner.site.host.command("ss", "-Hlntu").isEmpty)
    }
  }

  @Test("of the same name in a container is not ours")
  func container() async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      let directory = inner.site.rig.statePath + ".d"
      let pid = try #require(try await inner.site.nameServers().first)
      let arguments = try OtherProcess(pid: pid)?.arguments() ?? []
      // Where the same path leads to other files.
      let other = try await inner.site.internet.start(
        arguments: [
          "unshare", "--mount", "sh", "-c",
          """
          mount -t tmpfs none \(directory) && mkdir -p \(directory)/network-inner/hosts && chmod -R go+rx \(directory)
          exec "$@"
          """, "sh",
        ] + arguments.filter { !$0.hasPrefix("--dhcp") && !$0.hasPrefix("--interface") }
          + ["--listen-address=127.0.0.1", "--keep-in-foreground", "--log-facility=-"])
      try await other.waitForOutput(containing: "started")
      #expect(try await inner.site.nameServers().count == 2)
      #expect(try await manager.check() == [])
      try await manager.cleanup()
      #expect(try await inner.site.nameServers() == [other.pid])
    }
  }

  @Test("that cannot have its port says so, and its network is not made")
  func portInUse() async throws {
    try await Site.use { site in
      _ = try await TCPListener(in: site.host, port: 53)
      let before = try await site.rig.kernelState()
      do {
        try await site.manager.createNetwork(
          NetworkRequest(name: "inner", settings: NetworkSettings(nameServer: NameServer())))
        Issue.record("it was made")
      } catch let error as TapestryError {
        #expect(error.code == .nameServerFailed && error.message.contains("in use (port 53 of"), "\(error)")
      }
      #expect(try await site.rig.kernelState() == before)
      #expect(!FileManager.default.fileExists(atPath: site.rig.statePath + ".d"))
    }
  }

  @Test("that a killed command has left is taken up by the same command, or goes with repair")
  func interrupted() async throws {
    try await InnerSite.useNames { inner in
      let rig = inner.site.rig
      // As if the network had never been written down.
      let store = try SQLiteLeaseStore(path: rig.statePath, bootID: try LinuxHost.bootID())
      _ = try store.removeNetwork(named: inner.network.name)
      #expect(
        try await inner.site.manager.check().map(\.description).contains("dnsmasq of network inner is not needed"))
      try await inner.site.manager.repair()
      #expect(try await inner.site.nameServers() == [])
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }

  @Test("costs networks without one nothing, and their directory is not there")
  func without() async throws {
    try await Rig.use { rig in
      _ = try await rig.manager.attach(AttachRequest(vmID: "web-1"))
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }

  @Test("is rebuilt with its network from the kernel's marks")
  func adopted() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      let made = try await inner.attach("web-1")
      let before = try await inner.site.nameServers()
      let rig = inner.site.rig
      for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(rig.statePath + suffix) }
      let manager = try rig.another()
      try await manager.repair(adopt: true)
      let network = try await manager.network(named: "inner")
      #expect(network == inner.network)
      #expect(try await manager.attachments(vmID: "web-1") == [made])
      #expect(try await inner.site.nameServers() == before)
    }
  }
}
