import NetTypes
import Netlink
import TestKit
import Testing

@testable import Tapestry

@Suite("A rate limit", .needsKernel, .serialized)
struct RateLimitTests {
  @Test("of what a guest sends is met by TCP within a tenth", arguments: Network.Mode.allCases)
  func transmit(mode: Network.Mode) async throws {
    try await expectRate("tx=20mbit", mode) { site, guest, _ in
      // The bucket is full at first, with a second's worth.
      try await BulkTransfer.run(
        from: guest.namespace, to: site.internet, address: Site.server, port: 5001, after: .seconds(2),
        over: .seconds(4))
    }
  }

  @Test("of what a guest gets is met by TCP within a tenth", arguments: Network.Mode.allCases)
  func receive(mode: Network.Mode) async throws {
    try await expectRate("rx=20mbit", mode) { site, guest, made in
      try await site.manager.publish(vmID: "web-1", ports: [PublishedPort(hostPort: 5001, guestPort: 5001)])
      return try await BulkTransfer.run(
        from: site.internet, to: guest.namespace, address: Site.hostAddress, port: 5001, after: .seconds(1),
        over: .seconds(3))
    }
  }

  private func expectRate(
    _ limit: String, _ mode: Network.Mode,
    _ measure: (Site, NamespaceGuest, Tapestry.Attachment) async throws -> BulkTransfer
  ) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let made = try await site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(rateLimit: try RateLimit(parsing: limit))))
      let guest = try await site.bootStack(made)
      // Never more than the limit, a tenth, and a second's worth in the bucket: that does not depend on the machine. How
      // close TCP comes to it does, on one that is busy with others; so it is tried until it has.
      let isMet = try await eventually {
        let transfer = try await measure(site, guest, made)
        let most = 22_000_000 / 8 * (transfer.time + 1)
        #expect(Double(transfer.bytes) < most, "\(transfer)")
        return transfer.rate * 8 > 18_000_000
      }
      #expect(isMet)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("of packets drops what is above it, of one guest and of no other", arguments: Network.Mode.allCases)
  func packets(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let limited = try await site.boot(
        try await site.manager.attach(
          AttachRequest(vmID: "web-1", network: "inner", settings: .init(rateLimit: RateLimit(transmitPackets: 10)))))
      let free = try await site.boot(try await inner.attach("web-2"))
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      for guest in [limited, free] {
        let mac = try await guest.gatewayMAC()
        let start = ContinuousClock.now
        for number in 0..<500 {
          let datagram = UDPDatagram(
            from: 40_000, to: guest === limited ? 7001 : 7002, payload: Array("\(number)".utf8))
          try guest.send(.ipv4(.udp(datagram, from: guest.address, to: Site.server), from: guest.mac, to: mac))
        }
        #expect(try await free.ping(Site.server))
        #expect(
          await uplink.captured(within: .patience) { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
        let ports = uplink.captures.takeAll().compactMap { $0.frame.ipv4?.udp?.destinationPort }
        let seen = ports.count { $0 == (guest === limited ? 7001 : 7002) }
        // As many as come at once, and those of the time that it took.
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        if guest === limited {
          #expect((50...(66 + Int(elapsed * 10))).contains(seen), "\(seen) of 500")
        } else {
          #expect(seen == 500)
        }
      }
    }
  }

  @Test("comes, changes and goes while the VM runs, and is adopted when the state file is lost")
  func live() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      try await manager.attach(AttachRequest(vmID: "a"))
      let before = try await rig.kernelState()
      for text in ["tx=10mbit", "tx=20mbit,rx=5mbit,tx-packets=100", "rx=6mbit", "tx-packets=200", "rx=1gbit,tx=1gbit"]
      {
        let limit = try RateLimit(parsing: text)
        let changed = try await manager.update(vmID: "a") { $0.rateLimit = limit }
        #expect(changed.first?.settings.rateLimit == limit)
        #expect(try await manager.check() == [], "\(text)")
        let qdisc = try await rig.namespace.command("tc", "qdisc", "show", "dev", "svaeth0")
        #expect(qdisc.contains("tbf") == (limit.receive != nil), "\(qdisc)")
        let objects = try await rig.namespace.json("nft", "-j", "list", "limits")["nftables"].elements
          .filter { !$0["limit"].isNull }
        // Only a guest with a limit to what it sends is looked up for one.
        let group = try #require(UInt32(try await rig.link("svaeth0")["group"].string ?? ""))
        #expect(group == 0x7461_7000 + (limit.transmit == nil && limit.transmitPackets == nil ? 0 : 4), "\(text)")
        #expect(objects.count == [limit.transmit, limit.transmitPackets].compactMap(\.self).count, "\(text)")
      }
      try await manager.attach(
        AttachRequest(vmID: "a", settings: .init(rateLimit: try RateLimit(parsing: "rx=1gbit,tx=1gbit"))))
      await #expect(throws: TapestryError.self) {
        try await manager.attach(
          AttachRequest(vmID: "a", settings: .init(rateLimit: try RateLimit(parsing: "rx=1gbit"))))
      }
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.attachments().first?.settings.rateLimit == (try RateLimit(parsing: "rx=1gbit,tx=1gbit")))
      #expect(try await other.check() == [])

      try await rig.namespace.command("ip", "link", "set", "svaeth0", "group", "0x74617000")
      #expect(
        try await other.check().map(\.description) == [
          "TAP svaeth0 of a/eth0 is in another interface group than its guest needs"
        ])
      try await other.repair()
      #expect(try await other.check() == [])

      try await rig.namespace.command("tc", "qdisc", "del", "dev", "svaeth0", "root")
      #expect(try await other.check().map(\.description).contains { $0.contains("does not limit reception") })
      try await other.repair()
      #expect(try await other.check() == [])
      try await other.update(vmID: "a") { $0.rateLimit = RateLimit() }
      #expect(try await rig.kernelState() == before)
      #expect(try await other.check() == [])
    }
  }

  @Test(
    "that is none is refused",
    arguments: [
      "", "tx", "tx=", "tx=10", "tx=10mb", "tx=1.5mbit", "tx=-1mbit", "tx=10mbit,tx=20mbit", "px=1mbit", "tx=10mbit,",
      "rx-packets=10", "tx=18446744073709551615gbit", "tx-packets=x", "tx=010mbit",
    ])
  func refused(text: String) {
    let error = #expect(throws: TapestryError.self) { try RateLimit(parsing: text) }
    #expect(error?.code == .invalidRate)
  }

  @Test("is written as it is read")
  func text() throws {
    for text in ["tx=100mbit", "tx=1500kbit,rx=1gbit,tx-packets=10", "rx=64001bit"] {
      #expect(try RateLimit(parsing: text).description == text)
    }
    for text in ["tx=1kbit", "rx=1001gbit", "tx-packets=1"] {
      let error = #expect(throws: TapestryError.self) { try RateLimit(parsing: text).validate() }
      #expect(error?.code == .invalidRate)
    }
  }
}
