import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("An uplink that takes shorter packets", .needsKernel)
struct SegmentSizeTests {
  @Test("gives its MTU to networks that are made then, and no more than they ask for")
  func mtu() async throws {
    try await Site.use { site in
      try await site.host.command("ip", "link", "set", "uplink", "mtu", "1380")
      #expect(try await site.manager.attach(AttachRequest(vmID: "web-1")).mtu == 1380)
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "a")).mtu == 1380)
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "b", mtu: 1500)).mtu == 1500)
      try await site.host.command("ip", "link", "set", "uplink", "mtu", "9000")
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "c")).mtu == 1500)
      try await site.host.command("ip", "link", "set", "uplink", "mtu", "300")
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "d")).mtu == 576)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("that has come later lowers the segment size of both ends", arguments: Network.Mode.allCases)
  func clamped(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let guest = try await site.boot(try await inner.attach("web-1"))
      let listener = try await TCPListener(in: site.internet)
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      try await site.host.command("ip", "link", "set", "uplink", "mtu", "1300")
      // The guest says 1460.
      #expect(try await guest.probeTCP(Site.server, port: listener.local.port) == .accepted)
      let request = await uplink.captured(within: .patience) {
        $0.frame.ipv4?.tcp?.flags == .syn && $0.frame.ipv4?.tcp?.destinationPort == listener.local.port
      }
      #expect(request?.frame.ipv4?.tcp?.maximumSegmentSize == 1260)
      #expect(request?.frame.ipv4?.hasValidPayloadChecksum == true)
      // And what it is told.
      let mac = try await guest.gatewayMAC()
      var syn = TCPSegment(from: 40_123, to: listener.local.port, flags: .syn, sequence: 1)
      syn.options = [2, 4, 0x05, 0xb4]
      let answer = try await guest.sendRepeatedly(
        .ipv4(.tcp(syn, from: guest.address, to: Site.server), from: guest.mac, to: mac)
      ) { $0.ipv4?.tcp?.destinationPort == 40_123 }
      #expect(answer?.ipv4?.tcp?.maximumSegmentSize == 1260)
      #expect(answer?.ipv4?.hasValidPayloadChecksum == true)
    }
  }

  @Test("leaves a smaller segment size as it is")
  func smaller() async throws {
    try await InnerSite.use(.bridge) { inner in
      let site = inner.site
      let guest = try await site.boot(try await inner.attach("web-1"))
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      let mac = try await guest.gatewayMAC()
      var syn = TCPSegment(from: 40_123, to: 81, flags: .syn, sequence: 1)
      syn.options = [2, 4, 0x02, 0x00]
      try guest.send(.ipv4(.tcp(syn, from: guest.address, to: Site.server), from: guest.mac, to: mac))
      let request = await uplink.captured(within: .patience) { $0.frame.ipv4?.tcp?.flags == .syn }
      #expect(request?.frame.ipv4?.tcp?.maximumSegmentSize == 0x200)
    }
  }
}

extension TCPSegment {
  /// RFC 9293, 3.7.1; nil where it is not said, first of all options.
  fileprivate var maximumSegmentSize: UInt16? {
    guard options.count >= 4, options[0] == 2, options[1] == 4 else { return nil }
    return UInt16(options[2]) << 8 | UInt16(options[3])
  }
}
