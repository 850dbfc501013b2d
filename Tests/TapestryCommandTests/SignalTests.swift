import Glibc
import Linux
import TestKit
import Testing

/// A signal that asks a command to end takes effect before it has begun, or when it is done.
@Suite("SIGINT and SIGTERM, whenever they come", .needsKernel)
struct SignalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var command: [String]
    /// What comes before it; by default one attachment.
    var preparation = "tapestry attach a"

    var testDescription: String { command.joined(separator: " ") }

    static let all: [Case] = [
      .init(command: ["attach", "a", "-o", "json"], preparation: "true"),
      .init(command: ["attach", "b", "-o", "json"]),
      .init(command: ["attach", "a", "--interface", "eth1", "--owner", "1000"]), .init(command: ["detach", "a"]),
      .init(command: ["detach", "--all"]), .init(command: ["network", "create", "blue"]),
      .init(command: ["network", "rm", "blue"], preparation: "tapestry network create blue; tapestry attach a"),
      .init(command: ["repair"], preparation: "tapestry attach a; ip link del svaeth0; ip link set svbr0 down"),
      .init(
        command: ["gc"],
        preparation: "tapestry attach a; tapestry network create x; tapestry attach b --pid $$; sleep 0.01"),
      .init(command: ["check"]), .init(command: ["ls"]),
      .init(command: ["cleanup"], preparation: "tapestry attach a; tapestry network create blue"),
    ]
  }

  @Test("all of it is done and said, or nothing: the status tells of the signal", arguments: Case.all)
  func systemCalls(command: Case) async throws {
    try await CommandRig.use { rig in
      var generator = Seed.generator
      _ = try await rig.shell("set -e; \(command.preparation)").checked()
      let calls = try await SystemCalls(of: rig, command.command)
      let after = try await rig.kernelShape()
      for (number, point) in calls.sample(4, using: &generator).enumerated() {
        _ = try await rig.tapestry("cleanup").checked()
        _ = try await rig.shell("set -e; \(command.preparation)").checked()
        let before = try await rig.kernelShape()
        let signal: (name: String, number: Int32) = number % 2 == 0 ? ("TERM", SIGTERM) : ("INT", SIGINT)
        let result = try await rig.tapestry(command.command, signal: signal.name, at: point)
        let what = "\(command.testDescription), SIG\(signal.name) at \(point): \(result)"
        #expect([.exited(0), .signaled(signal.number)].contains(result.termination), "\(what)")
        #expect(result.stderr == "", "\(what)")
        let now = try await rig.kernelShape()
        #expect(now == before || now.difference(from: after).isEmpty, "\(what): \(now.difference(from: before))")
        // Whoever is told nothing has got nothing.
        if command.command[0] == "attach" { #expect((now == after) == (result.stdout != ""), "\(what)") }
        let check = try await rig.tapestry("check")
        #expect(
          check.status == 0 || now == before && ["repair", "gc"].contains(command.command[0]), "\(what)\n\(check)")
      }
    }
  }

  @Test("whatever the moment, in which they all run at once")
  func moments() async throws {
    try await CommandRig.use { rig in
      var generator = Seed.generator
      _ = try await rig.output("attach", "z")
      var expected: Set<String> = ["z"]
      for round in 0..<2 {
        var running: [(vm: String, command: RunningCommand)] = []
        for number in 0..<12 {
          let vm = "vm-\(number)"
          let words = round == 0 ? ["attach", vm, "-o", "json"] : ["detach", vm]
          running.append(
            (vm, try await rig.namespace.start(arguments: [CommandRig.binary] + words, environment: rig.environment)))
        }
        for (_, command) in running {
          try await Task.sleep(for: .microseconds(Int.random(in: 0...5000, using: &generator)))
          // One that has ended has not been waited for.
          try command.kill(Bool.random(using: &generator) ? SIGTERM : SIGINT)
        }
        let listed = { () async throws in Set(try await rig.json("ls").elements.compactMap { $0["vmId"].string }) }
        for (vm, command) in running {
          let result = try await command.wait()
          #expect(
            [.exited(0), .signaled(SIGTERM), .signaled(SIGINT)].contains(result.termination) || round == 1, "\(result)")
          if round == 0, result.stdout != "" { expected.insert(vm) }
        }
        if round == 0 { #expect(try await listed() == expected) }
        try await rig.expectConsistent()
      }
    }
  }

  @Test("run: nothing is left of it and its command, and the status is the signal's")
  func run() async throws {
    try await CommandRig.use { rig in
      var generator = Seed.generator
      _ = try await rig.output("network", "create", "default")
      let before = try await rig.kernelState()
      let command = ["run", "a", "--", "sleep", "0.05"]
      let calls = try await SystemCalls(of: rig, command)
      for (number, point) in calls.sample(8, using: &generator).enumerated() {
        let (name, signal) = number % 2 == 0 ? ("TERM", SIGTERM) : ("INT", SIGINT)
        let result = try await rig.tapestry(command, signal: name, at: point)
        let what = "SIG\(name) at \(point): \(result)"
        // Where there is a command it is the command's; after its end there is nobody to pass it on to.
        #expect([0, 128 + signal].contains(result.status), "\(what)")
        #expect(result.stderr == "" && result.stdout == "", "\(what)")
        #expect(try await rig.kernelState() == before, "\(what)")
        #expect(try await rig.output("check") == "no drift\n", "\(what)")
      }
    }
  }
}
