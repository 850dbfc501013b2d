import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Collisions and limits, on the kernel", .needsKernel)
struct CollisionTests {
  @Test("MAC hashes that collide give MACs of their own")
  func macs() async throws {
    try await Rig.use { rig in
      #expect(
        rig.manager.generateMAC(vmID: "Aa", interfaceID: "eth0")
          == rig.manager.generateMAC(vmID: "BB", interfaceID: "eth0"))
      let first = try await rig.manager.attach(AttachRequest(vmID: "Aa"))
      let second = try await rig.manager.attach(AttachRequest(vmID: "BB"))
      #expect(first.mac == rig.manager.generateMAC(vmID: "Aa", interfaceID: "eth0"))
      #expect(first.mac != second.mac)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("one VM has as many interfaces as it asks for, in as many networks")
  func interfaces() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      var made: [Tapestry.Attachment] = []
      for number in 0..<8 {
        made.append(
          try await rig.manager.attach(
            AttachRequest(vmID: "vm", interfaceID: "eth\(number)", network: number % 2 == 0 ? "default" : "blue")))
      }
      #expect(Set(made.map(\.guestIP)).count == 8 && Set(made.map(\.tapName)).count == 8)
      #expect(Set(made.map(\.mac)).count == 8)
      #expect(try await rig.manager.attachments(vmID: "vm").count == 8)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("the same VM and interface in a second network is ATTACHMENT_CONFLICT, and the first stays")
  func twoNetworks() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      let first = try await rig.manager.attach(AttachRequest(vmID: "vm"))
      try await expectCode(.attachmentConflict) {
        try await rig.manager.attach(AttachRequest(vmID: "vm", network: "blue"))
      }
      #expect(try await rig.manager.attachments() == [first])
    }
  }

  @Test("a bridge has 1,023 ports: the next is BRIDGE_FULL, says what to do, and leaves nothing")
  func fullBridge() async throws {
    try await Rig.use { rig in
      let subnet = try IPv4Subnet(parsing: "203.0.112.0/20")
      try await rig.manager.createNetwork(NetworkRequest(name: "big", subnet: subnet))
      for number in 0..<1023 {
        _ = try await rig.manager.attach(AttachRequest(vmID: "vm-\(number)", network: "big"))
      }
      do {
        _ = try await rig.manager.attach(AttachRequest(vmID: "straw", network: "big"))
        Issue.record("the 1,024th port was taken")
      } catch let error as TapestryError {
        #expect(error.code == .bridgeFull && error.remedies == [.createNetwork()], "\(error)")
      }
      #expect(try await rig.manager.attachments().count == 1023)
      #expect(try await rig.manager.check() == [])
      try await rig.manager.detach(vmID: "vm-7")
      let freed = try await rig.manager.attach(AttachRequest(vmID: "straw", network: "big"))
      #expect(try await rig.link(freed.tapName.rawValue)["master"].string == freed.bridge.rawValue)
    }
  }
}
