import FoundationEssentials
import TestKit
import Testing

/// Every option refuses nonsense with its code, and nothing changes.
@Suite("Bad ids, names and subnets", .needsKernel)
struct BadNameTests {
  private static let badIDs =
    ["", String(repeating: "x", count: 65), " ", "a b", "a/b", "a\nb", "ünï", "a@b", "{mac}", "a'b", "$(id)", "a\\b"]
    + ["a\u{7f}", "a,b", "*", "😀", "a=b"]

  @Test("ids of VMs, interfaces and networks: empty, too long, other characters")
  func ids() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      for id in Self.badIDs {
        try await rig.expectRefused(
          "INVALID_NAME",
          [
            ["attach", id], ["attach", "b", "--interface", id], ["attach", "b", "--network", id],
            ["network", "create", id],
          ])
      }
      for id in ["", "a b", Self.badIDs[1]] {
        try await rig.expectRefused(
          "INVALID_NAME",
          [
            ["attach", id, "--dry-run"], ["detach", id], ["detach", "a", "--interface", id], ["inspect", id],
            ["ls", "--network", id], ["network", "show", id], ["network", "rm", id], ["cleanup", "--network", id],
            ["detach", "--all", "--network", id], ["run", id, "--", "true"],
            ["run", "b", "--interface", id, "--", "true"],
          ])
      }
      expectError(
        try await rig.tapestry("attach", "a b"), "INVALID_NAME",
        saying: "Invalid VM id 'a b': expected 1 to 64 letters, digits, '.', '_', '-' or ':'")
    }
  }

  @Test("ids with a leading hyphen are options that there are not")
  func hyphens() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let before = try await rig.state()
      for command in [
        ["attach", "-x"], ["attach", "b", "--interface", "-x"], ["network", "create", "--x"],
      ] {
        expectUsageError(try await rig.tapestry(command))
      }
      // After '--' they are ids, and legal ones.
      #expect(try await rig.json("inspect", "a").elements.count == 1)
      expectError(try await rig.tapestry("detach", "--", "-x"), "ATTACHMENT_NOT_FOUND")
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("every subnet that the original refuses, with its words; and the mended ones")
  func subnets() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let before = try await rig.state()
      let vectors = try Vectors.load()
      let refused = vectors["subnets"].elements.filter { !$0["error"].isNull }
      #expect(refused.count > 10)
      for vector in refused {
        let result = try await rig.tapestry("network", "create", "blue", "--subnet", vector["subnet"].string ?? "")
        expectError(result, vector["error"]["code"].string ?? "")
        #expect(result.stderr == "error: \(vector["error"]["message"].string ?? "") (INVALID_SUBNET)\n")
      }
      for prefixLength in ["030", "0x1e", "3e1", "+24", "24.0", " 24", "24 ", "", "٢٤"] {
        let result = try await rig.tapestry("network", "create", "blue", "--subnet", "10.7.0.0/\(prefixLength)")
        expectError(result, "INVALID_SUBNET")
      }
      for address in ["010.7.0.0", "10.7.0.0x0", "10.7.0", "0x0a.7.0.0", "10.7.0.0 ", "::/0", "١٠.7.0.0"] {
        let result = try await rig.tapestry("network", "create", "blue", "--subnet", "\(address)/24")
        expectError(result, "INVALID_SUBNET")
      }
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("every bridge name that the original refuses, with its words; those that the kernel keeps from links too")
  func bridgeNames() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let before = try await rig.state()
      for vector in try Vectors.load()["interfaceNames"].elements where vector["valid"] == false {
        let name = vector["name"].string ?? ""
        let usesOption = name.hasPrefix("-") ? ["--bridge=\(name)"] : ["--bridge", name]
        let result = try await rig.tapestry(["network", "create", "blue"] + usesOption)
        expectError(result, "INVALID_INTERFACE_NAME")
        #expect(result.stderr == "error: \(vector["error"]["message"].string ?? "") (INVALID_INTERFACE_NAME)\n")
      }
      for name in ["A_b.c:d-e", "all", "default"] {
        let result = try await rig.tapestry("network", "create", "blue", "--bridge", name)
        expectError(result, "INVALID_INTERFACE_NAME", saying: "'\(name)'", "the kernel")
      }
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("every bridge name that the original takes and the kernel has for links makes a network")
  func goodBridgeNames() async throws {
    try await CommandRig.use { rig in
      let names = try Vectors.load()["interfaceNames"].elements.filter { $0["valid"] == true }.compactMap {
        $0["name"].string
      }
      #expect(names.count > 5)
      for (number, name) in names.filter({ !$0.contains(":") }).enumerated() {
        let made = try await rig.json("network", "create", "n\(number)", "--bridge", name)
        #expect(made["bridge"] == .string(name))
        #expect(try await rig.link(name)["ifalias"] == .string("tapestry:n\(number)"))
      }
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}

/// The answers that the original gave, computed by running it.
enum Vectors {
  static func load() throws -> JSONValue {
    let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    return try JSONValue(
      parsing: try String(contentsOfFile: root + "/Tests/TapestryTests/Vectors/vectors.json", encoding: .utf8))
  }
}
