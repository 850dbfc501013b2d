import TestKit
import Testing

@Suite("What a command says to programs, however it ends", .needsKernel)
struct UsageTests {
  @Test("with -o json wrong usage is JSON too, and its status what it is without")
  func usage() async throws {
    try await CommandRig.use { rig in
      for arguments in [
        ["attach"], ["attach", "a", "--no-such-option"], ["detach"], ["detach", "--all", "a"], ["ls", "rest"],
        ["network", "create", "a", "--nat6"], ["policy", "set", "a"], ["no-such-command"], ["run", "a"],
        ["help", "no-such-command"], ["help", "network", "no-such-command"],
        ["attach", "a", "--pid", "x"],
      ] {
        let plain = try await rig.tapestry(arguments)
        #expect(plain.status == 64 && plain.stdout == "" && plain.stderr.hasPrefix("error: "), "\(plain)")
        #expect(plain.stderr.contains(" (USAGE)\n"), "\(plain)")
        for format in [["-o", "json"], ["--output", "json"], ["--output=json"]] {
          let result = try await rig.tapestry(arguments + format)
          #expect(result.status == 64 && result.stdout == "", "\(result)")
          let error = try JSONValue(parsing: result.stderr)["error"]
          #expect(error["code"] == "USAGE", "\(result)")
          let message = try #require(error["message"].string)
          #expect(!message.isEmpty && !message.hasPrefix("Error"), "\(result)")
        }
      }
      // What is said after '--' is the VMM's.
      let run = try await rig.tapestry("run", "--", "true", "-o", "json")
      #expect(run.status == 64 && run.stderr.hasPrefix("error: "), "\(run)")
    }
  }

  @Test("with -o json a command that has nothing to say prints an object, and a VMM's output is its own")
  func nothing() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue")
      for arguments in [["network", "rm", "blue"], ["cleanup"]] {
        #expect(try await rig.output(arguments) == "", "\(arguments)")
        if arguments[0] == "network" { _ = try await rig.output("network", "create", "blue") }
        #expect(try await rig.output(arguments + ["-o", "json"]) == "{}\n", "\(arguments)")
      }
      #expect(try await rig.output("run", "a", "-o", "json", "--", "true") == "")
      for arguments in [["ls"], ["check"], ["gc"], ["repair"], ["detach", "--all"]] {
        #expect(try await rig.output(arguments + ["-o", "json"]) == "[]\n", "\(arguments)")
      }
    }
  }

  @Test(
    "eval of -o env fails where attach does, in every shell, and ends one that ends with errors",
    arguments: ["sh", "bash", "busybox sh"])
  func eval(shell: String) async throws {
    try await CommandRig.use { rig in
      let script = { (text: String) async throws in
        let words = shell.split(separator: " ").map(String.init)
        let body = text.replacing("tapestry", with: "'\(CommandRig.binary)'")
        return try await rig.namespace.command(arguments: words + ["-c", body], environment: rig.environment)
      }
      for arguments in ["b/d", "a --ip 10.0.0.1", "a --no-such-option", "a --pid x"] {
        let eval = "eval \"$(tapestry attach \(arguments) -o env)\""
        #expect(try await script("\(eval) || echo failed").stdout == "failed\n", "\(arguments)")
        let ended = try await script("set -e; \(eval); echo goes on")
        #expect(ended.status == 1 && ended.stdout == "", "\(arguments): \(ended)")
      }
      let good = try await script("set -e; eval \"$(tapestry attach a -o env)\"; echo $TAPESTRY_TAP_NAME")
      #expect(good.stdout == "svaeth0\n")
    }
  }

  @Test("a number below zero is a value, not an option: the error is about what it says")
  func negative() async throws {
    try await CommandRig.use { rig in
      expectError(
        try await rig.tapestry("attach", "a", "--max-connections", "-1"), "INVALID_LIMIT",
        saying: "'-1'", "1 to 16777216", "none")
      expectError(try await rig.tapestry("attach", "a", "--owner", "-1"), "INVALID_OWNER", saying: "'-1'")
      expectError(try await rig.tapestry("network", "create", "a", "--mtu", "-1"), "INVALID_MTU", saying: "-1")
    }
  }

  @Test("who has the TAP is shown wherever an attachment is")
  func owner() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a", "--owner", "1000:100")
      _ = try await rig.output("attach", "b")
      #expect(try await rig.output("inspect", "a").contains("owner         1000:100\n"))
      #expect(try await rig.json("inspect", "a")[0]["owner"] == ["uid": 1000, "gid": 100])
      #expect(try await rig.json("inspect", "b")[0]["owner"].isNull)
      let rows = try await rig.output("ls").split(separator: "\n").map { $0.split(separator: " ").dropLast().last }
      #expect(rows == ["OWNER", "1000:100", "root"])
    }
  }

  @Test("Firecracker is told of an MTU only where it is not what goes without saying, which old ones refuse to hear")
  func firecracker() async throws {
    try await CommandRig.use { rig in
      let usual = try JSONValue(parsing: try await rig.output("attach", "a", "-o", "firecracker"))
      #expect(usual["mtu"].isNull && !usual["guest_mac"].isNull)
      _ = try await rig.output("network", "create", "small", "--mtu", "1400")
      let small = try JSONValue(
        parsing: try await rig.output("attach", "b", "--network", "small", "-o", "firecracker"))
      #expect(small["mtu"] == 1400)
    }
  }
}
