import Linux
import NetTypes
import TestKit
import Testing

@Suite("A guest with a stack of its own", .needsKernel)
struct NamespaceGuestTests {
  @Test("talks TCP to the internet, both ways")
  func tcp() async throws {
    try await withNamespaces { host, internet in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      try await taps.connect(to: internet)
      let guest = try await NamespaceGuest(
        host: host, tap: "tap1", mac: BridgedTaps.mac(11), address: BridgedTaps.address(11),
        gateway: BridgedTaps.gateway)
      let server = try await TCPListener(in: internet, port: 80)
      let out = try await TCPConnection(
        from: guest.namespace, to: Endpoint(IPv4Address(198, 51, 100, 2), 80))
      let text = String(repeating: "warp and weft ", count: 1000)
      #expect(try await out.exchange(text) == text)
      #expect(await server.accepted()?.peer == out.local)

      let service = try await TCPListener(in: guest.namespace, port: 22)
      let inward = try await TCPConnection(from: internet, to: Endpoint(BridgedTaps.address(11), 22))
      #expect(try await inward.exchange("hello") == "hello")
      #expect(await service.accepted()?.peer.address == IPv4Address(198, 51, 100, 2))
    }
  }

  @Test("is refused where nobody listens, and waits no longer than it is told")
  func refused() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await NamespaceGuest(
        host: host, tap: "tap1", mac: BridgedTaps.mac(11), address: BridgedTaps.address(11))
      let refused = try await #require(throws: KernelError.self) {
        try await TCPConnection(from: guest.namespace, to: Endpoint(BridgedTaps.gateway, 9))
      }
      #expect(refused.errno == Errno(rawValue: 111))
      let silent = try await #require(throws: KernelError.self) {
        try await TCPConnection(
          from: guest.namespace, to: Endpoint(BridgedTaps.address(99), 9), within: .milliseconds(200))
      }
      #expect(silent.errno == .timedOut)
      #expect(taps.host.name == host.name)
    }
  }

  @Test("has the MAC address it was given, and sees its TAP go")
  func ends() async throws {
    try await withNamespace { host in
      _ = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await NamespaceGuest(
        host: host, tap: "tap1", mac: BridgedTaps.mac(11), address: BridgedTaps.address(11))
      let link = try await guest.namespace.json("ip", "-j", "link", "show", "eth0")[0]
      #expect(link["address"] == "02:00:00:00:00:0b")
      try await host.command("ip", "link", "delete", "tap1")
      #expect(try await eventually { !guest.isAttached })
    }
  }
}
