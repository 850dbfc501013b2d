import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("What domains take", .needsKernel)
struct DomainManagerTests {
  private static func policy(_ domains: String...) throws -> EgressPolicy {
    EgressPolicy(reach: .nothing, domains: try domains.map(DomainPattern.init(parsing:)))
  }

  /// The chains and sets of domains.
  private static func objects(_ inner: InnerSite) async throws -> Set<String> {
    let all = try await inner.site.host.json("nft", "-j", "list", "table", "inet", "tapestry")["nftables"].elements
    let names = all.flatMap { [$0["chain"]["name"].string, $0["set"]["name"].string].compactMap(\.self) }
    return Set(names.filter { $0.contains("..") && !$0.contains("6.") }.map { $0.hasPrefix("names.") ? "names" : $0 })
  }

  @Test("is there while anybody has them, and goes with the last")
  func lifetime() async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      let bridge = inner.network.bridge
      #expect(try await Self.objects(inner) == [])
      #expect(try await inner.site.nameServers().count == 1)
      for (vm, domains) in [("a", ["example.org"]), ("b", ["example.org"]), ("c", ["example.org", "*.example.net"])] {
        let egress = EgressPolicy(reach: .nothing, domains: try domains.map(DomainPattern.init(parsing:)))
        try await manager.attach(AttachRequest(vmID: identifier(vm), network: "inner", settings: .init(egress: egress)))
      }
      let (one, two) = ("name.example.org..\(bridge)", "below.example.net..\(bridge)")
      #expect(try await Self.objects(inner) == ["names", one, two])
      #expect(try await inner.site.nameServers().count == 3)
      #expect(try await manager.check() == [])
      let running = try await inner.site.nameServers()
      try await manager.detach(vmID: "c")
      #expect(try await Self.objects(inner) == ["names", one])
      try await manager.detach(vmID: "a")
      #expect(try await Self.objects(inner) == ["names", one])
      try await manager.setPolicy(vmID: "b", egress: try Self.policy("*.example.net"))
      #expect(try await Self.objects(inner) == ["names", two])
      // Those that learn of more than they have to go on.
      #expect(try await inner.site.nameServers() == running)
      try await manager.setPolicy(vmID: "b", egress: EgressPolicy())
      #expect(try await Self.objects(inner) == [])
      #expect(try await manager.check() == [])
      try await manager.detach(vmID: "b")
      try await manager.removeNetwork(named: "inner")
      #expect(try await inner.site.nameServers() == [])
      #expect(try await inner.site.host.command("ss", "-Hlntu").isEmpty)
    }
  }

  @Test("of guests whose process has ended goes as garbage")
  func garbage() async throws {
    try await InnerSite.useNames { inner in
      let manager = inner.site.manager
      let process = try await inner.site.host.start("sleep", "1000")
      try await manager.attach(
        AttachRequest(
          vmID: "a", network: "inner", pid: process.pid,
          settings: .init(egress: try Self.policy("example.org", "*.example.org"))))
      kill(process.pid, SIGKILL)
      _ = try await process.wait()
      #expect(try await manager.collectGarbage().count > 0)
      #expect(try await Self.objects(inner) == [])
      #expect(try await manager.check() == [])
    }
  }

  @Test("is missed where it is gone or altered, and made again")
  func drift() async throws {
    try await InnerSite.useNames(egress: try Self.policy("example.org", "*.example.net")) { inner in
      let manager = inner.site.manager
      _ = try await inner.attach("web-1")
      for role in [NameServerRole.exact, .below] {
        let file = "\(inner.site.rig.statePath).d/network-inner/\(role.rawValue)"
        kill(try #require(Int32(try File.readLine(file))), SIGKILL)
        #expect(
          try await eventually {
            try await manager.check().map(\.description) == ["dnsmasq of network inner is not running"]
          })
        // An attach notices too.
        _ = try await inner.attach("by-\(role)")
        #expect(try await manager.check() == [])
        #expect(try await inner.site.nameServers().count == 3)
      }
      let chain = try await inner.site.host.json("nft", "-j", "list", "chains")["nftables"].elements
        .compactMap { $0["chain"]["name"].string }.first { $0.hasPrefix("names.") }
      try await inner.site.host.command("nft", "flush", "chain", "inet", "tapestry", try #require(chain))
      #expect(try await manager.check().map(\.description) == ["the tables 'tapestry' were altered"])
      try await manager.repair()
      #expect(try await manager.check() == [])
    }
  }

  @Test("is rebuilt from the kernel's marks")
  func adopted() async throws {
    try await InnerSite.useNames(egress: try Self.policy("example.org", "*.example.net")) { inner in
      let made = try await inner.site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: try Self.policy("www.example.org"))))
      let before = try await inner.site.nameServers()
      let rig = inner.site.rig
      for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(rig.statePath + suffix) }
      let manager = try rig.another()
      try await manager.repair(adopt: true)
      #expect(
        try await manager.network(named: "inner").settings.egress == (try Self.policy("example.org", "*.example.net")))
      #expect(try await manager.attachments(vmID: "web-1") == [made])
      #expect(try await inner.site.nameServers() == before)
      #expect(try await manager.check() == [])
    }
  }

  @Test("keeps nothing from being changed while names are looked up all the time")
  func busy() async throws {
    try await InnerSite.useNames(egress: try Self.policy("*.example.net")) { inner in
      let manager = inner.site.manager
      let set = "below.example.net..\(inner.network.bridge)"
      // Faster than a name server is.
      let script = """
        i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo "add element inet tapestry \(set) { 203.0.113.$((i%200+1)) }"
        done | nft -i >/dev/null
        """
      let names = try await inner.site.host.start("sh", "-c", script)
      for number in 0..<3 {
        try await manager.attach(
          AttachRequest(
            vmID: "vm-\(number)", network: "inner", settings: .init(egress: try Self.policy("a\(number).example"))))
      }
      #expect(try await manager.check() == [])
      try names.kill(SIGKILL)
    }
  }

  @Test("is refused in a network without a name server, and nothing is made")
  func refused() async throws {
    try await Site.use { site in
      let manager = site.manager
      try await manager.createNetwork(NetworkRequest(name: "plain"))
      let before = try await site.rig.kernelState()
      let egress = try Self.policy("example.org")
      for call in [
        {
          try await manager.createNetwork(NetworkRequest(name: "other", settings: NetworkSettings(egress: egress)))
            as Any
        },
        {
          try await manager.attach(AttachRequest(vmID: "a", network: "plain", settings: .init(egress: egress))) as Any
        },
        { try await manager.attach(AttachRequest(vmID: "a", settings: .init(egress: egress))) as Any },
        { try await manager.setPolicy(network: "plain", egress: egress) as Any },
      ] {
        let error = await #expect(throws: TapestryError.self) { _ = try await call() }
        #expect(error?.code == .invalidPolicy)
      }
      #expect(try await site.rig.kernelState() == before)
      #expect(try await manager.attachments().isEmpty)
    }
  }
}
