import Glibc
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A real guest of a network with IPv6 and a name server", .needsKernel, .needsGuest)
struct RouterTests {
  private static let hostAddress = "2001:db8:1::1"
  private static let internetAddress = "2001:db8:1::2"

  @Test("that is told nothing of its network configures itself by router advertisements, and reaches the outside")
  func advertised() async throws {
    try await Surroundings.use { surroundings in
      for (namespace, link, address) in [
        (surroundings.host, "uplink", Self.hostAddress), (surroundings.internet, "isp", Self.internetAddress),
      ] {
        try await namespace.command("ip", "address", "add", "\(address)/64", "dev", link, "nodad")
      }
      // There is more in it than the state file, so it is opened by hand.
      #expect(unsafe chmod(surroundings.directory, 0o711) == 0)
      let manager = try surroundings.manager()
      try await manager.createNetwork(
        NetworkRequest(
          name: .init(parsing: "dual"), mtu: 1400, subnet6: .automatic,
          settings: NetworkSettings(nameServer: NameServer())))
      let made = try await manager.attach(AttachRequest(vmID: .init(parsing: "web-1"), network: .init(parsing: "dual")))
      let page = "http://[\(Self.internetAddress)]/"
      let guest = try await VirtualMachine.boot(
        in: surroundings.host, tap: made.tapName.rawValue, mac: "\(made.mac)", mtu: made.mtu, bootArguments: "",
        steps: [
          "ra=eth0", "ping=\(Self.internetAddress)", "tcp=\(Self.internetAddress):80", "fetch=\(page)", "deadline=240",
        ])
      #expect(try await guest.ends().status == 0)
      let said = try guest.said
      let own = try #require(made.guestIP6)
      #expect(said.contains("ra eth0 ok \(own)/64 gateway \(Network.gateway6) mtu 1400"), "\(said)")
      #expect(said.contains("ping \(Self.internetAddress) ok"), "\(said)")
      #expect(said.contains("tcp \(Self.internetAddress):80 open"), "\(said)")
      #expect(said.contains("fetch \(page) ok \(surroundings.page)"), "\(said)")
      // "[2001:db8:1::1]:40152: url:/"
      let requests = try surroundings.web.stderr.split(separator: "\n").filter { $0.contains("url:/") }
      #expect(requests.count == 1 && requests.allSatisfy { $0.contains("[\(Self.hostAddress)]") }, "\(requests)")
      #expect(try await manager.check() == [])
      try await manager.cleanup()
    }
  }
}
