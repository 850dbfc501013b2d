import Glibc
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Real guests of a network with a name server", .needsKernel, .needsGuest)
struct NameTests {
  @Test("find each other and the outside by name, told of their server by boot arguments or by DHCP")
  func names() async throws {
    try await Surroundings.use { surroundings in
      let upstream = try await surroundings.internet.start(
        "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file=", "--no-hosts",
        "--no-resolv", "--bind-interfaces", "--listen-address=\(Surroundings.internetAddress)", "--except-interface=lo",
        "--host-record=example.org,example.net,\(Surroundings.internetAddress)")
      try await upstream.waitForOutput(containing: "started")
      // There is more in it than the state file, so it is opened by hand.
      #expect(unsafe chmod(surroundings.directory, 0o711) == 0)
      let manager = try surroundings.manager()
      try await manager.createNetwork(
        NetworkRequest(
          name: .init(parsing: "open"),
          settings: NetworkSettings(
            allowsInterVM: true, nameServer: NameServer(upstreams: [Surroundings.internetAddress]))))
      let told = try await manager.attach(AttachRequest(vmID: .init(parsing: "web-1"), network: .init(parsing: "open")))
      let asking = try await manager.attach(
        AttachRequest(
          vmID: .init(parsing: "db-1"), network: .init(parsing: "open"),
          settings: .init(
            egress: EgressPolicy(reach: .nothing, domains: [try DomainPattern(parsing: "example.net")])))
      )

      async let first = surroundings.boot(
        told, steps: ["resolve=db-1.open.internal", "resolve=example.org", "fetch=http://example.org/", "sleep=240"])
      async let second = VirtualMachine.boot(
        in: surroundings.host, tap: asking.tapName.rawValue, mac: "\(asking.mac)", mtu: asking.mtu, bootArguments: "",
        steps: [
          "dhcp=eth0", "resolve=web-1.open.internal", "ping=web-1.open.internal", "resolve=nobody.open.internal",
          // It reaches what it has looked up of the domain that is its own, and nothing before.
          "fetch=http://\(Surroundings.internetAddress)/", "fetch=http://example.net/", "patience=30",
          "deadline=240",
        ])
      let (web, db) = try await (first, second)
      _ = try await web.says("address \(told.guestIP)")
      _ = try await web.says("fetch http://example.org/")
      #expect(try await db.ends().status == 0)
      let said = try db.said
      #expect(
        said.contains("dhcp eth0 ok \(asking.guestIP)/24 gateway \(asking.gatewayIP) nameserver \(asking.gatewayIP)"),
        "\(said)")
      #expect(said.contains("resolve web-1.open.internal ok \(told.guestIP)"), "\(said)")
      #expect(said.contains("ping web-1.open.internal ok"), "\(said)")
      #expect(said.contains("resolve nobody.open.internal failed"), "\(said)")
      #expect(said.contains("fetch http://\(Surroundings.internetAddress)/ failed timeout"), "\(said)")
      #expect(said.contains("fetch http://example.net/ ok \(surroundings.page)"), "\(said)")
      let other = try web.said
      #expect(other.contains("nameserver \(told.gatewayIP)"), "\(other)")
      #expect(other.contains("resolve db-1.open.internal ok \(asking.guestIP)"), "\(other)")
      #expect(other.contains("fetch http://example.org/ ok \(surroundings.page)"), "\(other)")
      try await web.process.stop()
      try await manager.cleanup()
    }
  }
}
