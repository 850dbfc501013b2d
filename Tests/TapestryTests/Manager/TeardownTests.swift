import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Many taken down at once, on the kernel", .needsKernel)
struct TeardownTests {
  private static let count = 12

  /// A network `many` with guests, and one guest elsewhere.
  private static func use(_ body: (Rig, _ bystander: Tapestry.Attachment) async throws -> Void) async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "many"))
      let bystander = try await rig.manager.attach(AttachRequest(vmID: "bystander"))
      for number in 0..<count { try await rig.manager.attach(AttachRequest(vmID: "m\(number)", network: "many")) }
      try await body(rig, bystander)
    }
  }

  /// Runs ip(8) for many things at once.
  private static func ip(_ rig: Rig, _ lines: [String]) async throws {
    let input = lines.joined(separator: "\n") + "\n"
    _ = try await rig.namespace.command(
      arguments: ["ip", "-batch", "-"], input: input
    ).checked()
  }

  private static func names(_ rig: Rig) async throws -> Set<String> {
    Set(try await rig.namespace.json("ip", "-j", "link").elements.compactMap { $0["ifname"].string })
  }

  @Test("they are gone, and nobody else's links, whatever group those are in")
  func foreign() async throws {
    try await Self.use { rig, bystander in
      // Of each group that could be drawn but one, and of that of the TAPs.
      let groups = (0x7461_7000...0x7461_70fe).map { String($0) }
      try await Self.ip(rig, groups.map { "link add theirs\($0.suffix(4)) group \($0) type bridge" })
      try await rig.namespace.command(
        "ip", "link", "set", "theirs\(groups[3].suffix(4))", "alias", "tapestry:many/m1/eth0")
      let before = try await Self.names(rig)
      let gone = try await rig.manager.detachAll(network: "many")
      #expect(gone.count == Self.count)
      #expect(try await Self.names(rig) == before.subtracting(gone.map(\.tapName.rawValue)))
      #expect(try await rig.manager.attachments() == [bystander])
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a link that has taken the place of one of them stays")
  func replaced() async throws {
    try await Self.use { rig, _ in
      try await rig.namespace.command("ip", "link", "delete", "svm1eth0")
      try await rig.namespace.command("ip", "tuntap", "add", "svm1eth0", "mode", "tap")
      try await rig.namespace.command("ip", "link", "delete", "svm2eth0")
      try await rig.namespace.command("ip", "link", "add", "svm2eth0", "type", "bridge")
      try await rig.namespace.command("ip", "link", "set", "svm2eth0", "alias", "tapestry:many/m2/eth0")
      try await rig.namespace.command("ip", "link", "delete", "svm3eth0")
      let before = try await Self.names(rig)
      let gone = Set(try await rig.manager.detachAll(network: "many").map(\.tapName.rawValue))
      #expect(gone.count == Self.count)
      #expect(try await Self.names(rig) == before.subtracting(gone).union(["svm1eth0", "svm2eth0"]))
    }
  }

  @Test("where every group is taken, they go one by one")
  func noGroupLeft() async throws {
    try await Self.use { rig, bystander in
      try await Self.ip(
        rig, (0x7461_7001...0x7461_70ff).map { "link add theirs\($0 & 0xff) group \($0) type bridge" })
      let before = try await Self.names(rig)
      let gone = try await rig.manager.detachAll(network: "many")
      #expect(try await Self.names(rig) == before.subtracting(gone.map(\.tapName.rawValue)))
      #expect(try await rig.manager.attachments() == [bystander])
    }
  }

  @Test("one that was moved to be deleted, by somebody who did not come to it, is put back by repair")
  func moved() async throws {
    try await Self.use { rig, _ in
      try await rig.namespace.command("ip", "link", "set", "svm1eth0", "group", "0x74617042")
      #expect(
        try await rig.manager.check().map(\.description) == [
          "TAP svm1eth0 of m1/eth0 is in another interface group than its guest needs"
        ])
      try await rig.manager.repair()
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("garbage too")
  func garbage() async throws {
    try await Self.use { rig, bystander in
      let vmm = try await rig.namespace.start("sleep", "600")
      for number in 0..<Self.count {
        try await rig.manager.setProcess(vmID: "m\(number)", interfaceID: "eth0", pid: vmm.pid)
      }
      try vmm.kill(9)
      _ = try await vmm.wait()
      #expect(try await rig.manager.collectGarbage().count >= Self.count)
      #expect(try await Self.names(rig).filter { $0.hasPrefix("svm") } == [])
      #expect(try await rig.manager.attachments() == [bystander])
      #expect(try await rig.manager.check() == [])
    }
  }
}
