import Tapestry
import TestKit
import Testing

/// What holds beside every firewall.
extension Firewall {
  /// How long to wait for what will not come.
  static let soon: Duration = .milliseconds(200)

  func wasThereBefore() async throws {
    try await Site.use { site in
      _ = try await site.sh(start)
      let before = try await site.sh(contents)
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      #expect(try await site.exchange(with: guest) == Site.hostAddress)
      #expect(try await site.count(self) == 2)
      #expect(try await site.manager.check() == [])

      // Neither the fast way of an attach adds one, nor the thorough one.
      try await site.manager.attach(AttachRequest(vmID: "web-2"))
      try await site.manager.attach(AttachRequest(vmID: "web-2"))
      #expect(try await site.manager.repair() == [])
      #expect(try await site.count(self) == 2)

      try await site.manager.cleanup()
      #expect(try await site.sh(contents) == before)
    }
  }

  func comesLater() async throws {
    try await Site.use { site in
      let guest = try await site.guest("web-1")
      // Not by ping, which ufw lets through.
      let listener = try await TCPListener(in: site.internet)
      let port = listener.local.port
      for step in [start, reload] {
        #expect(try await guest.probeTCP(Site.server, port: port) == .accepted)
        _ = try await site.sh(step)
        #expect(try await guest.probeTCP(Site.server, port: port, within: Self.soon) != .accepted)
        let drift = try await site.manager.check()
        #expect(drift.count == 1 && drift[0].description.contains("drops packets of network default"), "\(drift)")
        #expect(drift.first?.step?.contains(place) == true)
        #expect(try await site.manager.previewRepair() == drift)
        #expect(try await site.manager.diagnose().first { $0.subject == "firewall" }?.advice == "tapestry repair")
        #expect(try await site.manager.repair() == drift)
        #expect(try await site.manager.repair() == [])
        #expect(try await site.manager.check() == [])
      }
      #expect(try await guest.probeTCP(Site.server, port: port) == .accepted)
      #expect(try await site.manager.diagnose().filter { $0.verdict == .problem } == [])
    }
  }
}
