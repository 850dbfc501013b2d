import FoundationEssentials
import Tapestry
import TestKit
import Testing

/// Not that of the module Testing.
private typealias Attachment = Tapestry.Attachment

/// That a program which uses the library reads what the command prints, and the other way round.
@Suite("The command's JSON is the library's", .needsKernel)
struct OutputCodingTests {
  /// Reads an output as a value of the library's, writes that, and compares.
  private func expectSame<Value: Codable>(
    _ type: Value.Type, _ rig: CommandRig, _ arguments: String..., status: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await rig.tapestry(arguments + ["-o", "json"])
    #expect(result.status == status, "\(result)", sourceLocation: sourceLocation)
    let value = try JSONDecoder().decode(Value.self, from: Data(result.stdout.utf8))
    let written = try JSONValue(parsing: String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    #expect(
      written.withoutNulls == (try JSONValue(parsing: result.stdout)).withoutNulls, "\(arguments)",
      sourceLocation: sourceLocation)
  }

  @Test("attachments, with nothing and with all that one can have, whoever prints them")
  func attachments() async throws {
    try await CommandRig.use { rig in
      try await expectSame(Attachment.self, rig, "attach", "plain")
      try await expectSame(
        Attachment.self, rig, "attach", "full", "--owner", "1000:100", "--egress", "internet", "--allow",
        "10.0.0.0/8:443/tcp", "--deny", "203.0.113.0/24", "--publish", "8080:80", "--publish", "127.0.0.1:53:53/udp",
        "--rate-limit", "tx=10mbit,rx=20mbit,tx-packets=100", "--max-connections", "100")
      try await expectSame(Attachment.self, rig, "attach", "owned", "--owner", "1000", "--max-connections", "none")
      try await expectSame(AttachPreview.self, rig, "attach", "other", "--dry-run")
      try await expectSame([Attachment].self, rig, "ls")
      try await expectSame([Attachment].self, rig, "inspect", "full")
      try await expectSame([Attachment].self, rig, "publish", "plain", "9000:90")
      try await expectSame([Attachment].self, rig, "unpublish", "plain", "--all")
      try await expectSame([Attachment].self, rig, "policy", "set", "plain", "--egress", "none")
      try await expectSame([Attachment].self, rig, "detach", "full")
      try await expectSame([Attachment].self, rig, "detach", "--all")
      try await expectSame([Attachment].self, rig, "ls")
    }
  }

  @Test("networks and their guests, of every mode")
  func networks() async throws {
    try await CommandRig.use { rig in
      try await expectSame(
        Network.self, rig, "network", "create", "blue", "--subnet", "10.7.0.0/24", "--allow-inter-vm", "--dns",
        "192.0.2.53", "--mtu", "1400", "--egress", "internet", "--host-access", "icmp,8080/tcp")
      try await expectSame(
        Network.self, rig, "network", "create", "six", "--mode", "routed", "--subnet", "10.8.0.0/24", "--subnet6",
        "auto",
        "--host-access", "none", "--no-nat")
      try await expectSame(
        Network.self, rig, "network", "create", "snap", "--mode", "clone", "--subnet", "10.9.0.0/24", "--guest-ip",
        "172.30.0.2/24", "--guest-mac", "02:00:00:00:00:02")
      for network in ["blue", "six", "snap"] {
        try await expectSame(Attachment.self, rig, "attach", "a-\(network)", "--network", network)
        try await expectSame(Network.self, rig, "network", "show", network)
      }
      try await expectSame([Network].self, rig, "network", "ls")
      try await expectSame(Network.self, rig, "policy", "set", "--network", "blue", "--egress", "none")
      try await expectSame([Attachment].self, rig, "ls")
    }
  }

  @Test("drift and findings")
  func drift() async throws {
    try await CommandRig.use { rig in
      try await expectSame([Drift].self, rig, "check")
      _ = try await rig.output("attach", "a")
      try await rig.namespace.command("ip", "link", "delete", "svaeth0")
      try await expectSame([Drift].self, rig, "check", status: 2)
      try await expectSame([Drift].self, rig, "repair", "--dry-run")
      try await expectSame([Drift].self, rig, "repair")
      try await expectSame([Drift].self, rig, "gc")
      let findings = try await rig.tapestry("doctor", "-o", "json")
      #expect(try !JSONDecoder().decode([Finding].self, from: Data(findings.stdout.utf8)).isEmpty)
    }
  }
}

extension JSONValue {
  /// What is not there and what is null is one.
  fileprivate var withoutNulls: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.withoutNulls))
    case .object(let members): .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
    default: self
    }
  }
}
