import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A real guest, attached by the library", .needsKernel, .needsGuest)
struct LibraryTests {
  @Test("gets its network from its boot arguments, reaches the outside and not the host, nor the guest beside it")
  func isolated() async throws {
    try await Surroundings.use { surroundings in
      let manager = try surroundings.manager()
      let neighbor = try await manager.attach(AttachRequest(vmID: .init(parsing: "db-1")))
      let other = try await surroundings.boot(neighbor, steps: ["sleep=120"])
      _ = try await other.says("address \(neighbor.guestIP)")
      try await surroundings.expectAnswer(of: neighbor)

      let made = try await manager.attach(AttachRequest(vmID: .init(parsing: "web-1")))
      let guest = try await surroundings.boot(
        made,
        steps: Surroundings.steps(gateway: made.gatewayIP) + ["ping=\(neighbor.guestIP)", "tcp=\(neighbor.guestIP):22"])
      let result = try await guest.ends()
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try guest.said.last == "done", "\(result.stdout)")
      try surroundings.expectPromises(
        of: guest, address: made.guestIP, prefixLength: made.prefixLength, gateway: made.gatewayIP,
        mac: "\(made.mac)", mtu: made.mtu)
      let said = try guest.said
      #expect(said.contains { $0.hasPrefix("ping \(neighbor.guestIP) failed") }, "\(said)")
      #expect(
        said.contains { ["unreachable", "timeout"].map { "tcp \(neighbor.guestIP):22 \($0)" }.contains($0) }, "\(said)")
      // It was there all the while.
      try await surroundings.expectAnswer(of: neighbor)

      try await manager.detach(vmID: .init(parsing: "web-1"))
      try await surroundings.expectAnswer(of: neighbor)
      try await other.process.stop()
      try await manager.cleanup()
      #expect(try await surroundings.host.command("nft", "list", "ruleset") == "")
    }
  }

  @Test("reaches the guest beside it where their network allows it, under an MTU and a subnet of the network's own")
  func allowed() async throws {
    try await Surroundings.use { surroundings in
      let manager = try surroundings.manager()
      try await manager.createNetwork(
        NetworkRequest(
          name: .init(parsing: "open"), subnet: .init(parsing: "172.31.7.0/28"), mtu: 1400,
          settings: NetworkSettings(allowsInterVM: true, dns: [Surroundings.internetAddress])))
      let neighbor = try await manager.attach(
        AttachRequest(vmID: .init(parsing: "db-1"), network: .init(parsing: "open")))
      let other = try await surroundings.boot(neighbor, steps: ["sleep=120"])
      _ = try await other.says("address \(neighbor.guestIP)")

      let made = try await manager.attach(AttachRequest(vmID: .init(parsing: "web-1"), network: .init(parsing: "open")))
      let guest = try await surroundings.boot(
        made, steps: ["ping=\(neighbor.guestIP)", "tcp=\(neighbor.guestIP):22", "fetch=\(Surroundings.pageURL)"])
      #expect(try await guest.ends().status == 0)
      let said = try guest.said
      let address = "address 172.31.7.3/28 gateway 172.31.7.1 device eth0 mac \(made.mac) mtu 1400"
      #expect(said.contains(address), "\(said)")
      #expect(said.contains("nameserver \(Surroundings.internetAddress)"), "\(said)")
      #expect(said.contains("ping \(neighbor.guestIP) ok"), "\(said)")
      #expect(said.contains("tcp \(neighbor.guestIP):22 refused"), "\(said)")
      #expect(said.contains("fetch \(Surroundings.pageURL) ok \(surroundings.page)"), "\(said)")
    }
  }
}

@Suite("Real guests whose TAPs are routed", .needsKernel, .needsGuest)
struct RoutedTests {
  @Test("get their network from their boot arguments, reach the outside and not the host")
  func routed() async throws {
    try await Surroundings.use { surroundings in
      let manager = try surroundings.manager()
      try await manager.createNetwork(NetworkRequest(name: .init(parsing: "many"), mode: .routed))
      let made = try await manager.attach(AttachRequest(vmID: .init(parsing: "web-1"), network: .init(parsing: "many")))
      let guest = try await surroundings.boot(made, steps: Surroundings.steps(gateway: made.gatewayIP))
      #expect(try await guest.ends().status == 0)
      try surroundings.expectPromises(
        of: guest, address: made.guestIP, prefixLength: made.prefixLength, gateway: made.gatewayIP, mac: "\(made.mac)")
      try await manager.cleanup()
      #expect(try await surroundings.host.command("nft", "list", "ruleset") == "")
    }
  }

  @Test("are two clones with one address and one MAC, up at once, and both fetch the page")
  func clones() async throws {
    try await Surroundings.use { surroundings in
      let manager = try surroundings.manager()
      let snapshot = SnapshotIdentity(
        address: try IPv4Address(parsing: "172.31.7.2"), subnet: try IPv4Subnet(parsing: "172.31.7.0/24"),
        mac: try MACAddress(parsing: "02:00:00:00:07:02"))
      try await manager.createNetwork(NetworkRequest(name: .init(parsing: "snap"), mode: .clone, snapshot: snapshot))
      let steps = ["ping=\(snapshot.gateway)", "fetch=\(Surroundings.pageURL)", "sleep=120"]
      var clones: [(made: Tapestry.Attachment, guest: VirtualMachine)] = []
      for vm in ["one", "two"] {
        let made = try await manager.attach(AttachRequest(vmID: .init(parsing: vm), network: .init(parsing: "snap")))
        clones.append((made, try await surroundings.boot(made, steps: steps)))
      }
      for (made, guest) in clones {
        _ = try await guest.says("fetch \(Surroundings.pageURL) ok \(surroundings.page)")
        let said = try guest.said
        #expect(
          said.contains("address 172.31.7.2/24 gateway 172.31.7.1 device eth0 mac \(snapshot.mac) mtu 1500"), "\(said)")
        #expect(said.contains("ping \(snapshot.gateway) ok"), "\(said)")
        #expect(made.guestIP == snapshot.address && made.address != snapshot.address)
      }
      // Both are there, each under the address by which the host knows it.
      for (made, _) in clones { try await surroundings.expectAnswer(of: made) }
      for (_, guest) in clones { try await guest.process.stop() }
    }
  }
}

extension Surroundings {
  func manager() throws -> NetworkManager {
    try NetworkManager(.init(statePath: statePath, networkNamespacePath: host.path))
  }

  func boot(_ made: Tapestry.Attachment, steps: [String]) async throws -> VirtualMachine {
    try await VirtualMachine.boot(
      in: host, tap: made.tapName.rawValue, mac: "\(made.mac)", mtu: made.mtu, bootArguments: made.bootArguments,
      steps: steps + ["deadline=240"])
  }

  /// Expects that a guest answers the host.
  fileprivate func expectAnswer(
    of made: Tapestry.Attachment, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await host.command(
      arguments: [GuestImage.busybox, "ping", "-c", "1", "-W", Duration.patienceInSeconds, "\(made.address)"])
    #expect(result.status == 0, "\(result.stdout)", sourceLocation: sourceLocation)
  }
}
