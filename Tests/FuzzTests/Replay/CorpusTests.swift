import ArgumentParser
import FoundationEssentials
import Glibc
import Testing

@testable import TapestryCommand

/// What fuzzing found worth keeping, and what made it find a fault, on every run of the tests.
@Suite("Parsers under fuzzing")
struct CorpusTests {
  /// How many mutations a target gets: those of the state file take a thousand times as long.
  private static let mutations = ["state-file": 300, "command-line": 1_000]

  /// To take the same mutations again, as after a trap, which leaves no words but this number.
  private static let seed =
    unsafe getenv("TAPESTRY_FUZZ_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
    ?? UInt64.random(in: 1...999_999)

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Corpus")

  @Test("every target has its corpus, and every corpus its target")
  func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(folders.sorted() == FuzzTarget.all.map(\.name).sorted())
  }

  @Test("the kept inputs", arguments: FuzzTarget.all)
  func corpus(target: FuzzTarget) throws {
    for input in try Self.inputs(target) { run(target, input) }
  }

  @Test("mutations of the kept inputs", arguments: FuzzTarget.all)
  func mutations(target: FuzzTarget) throws {
    let inputs = try Self.inputs(target)
    print("fuzzing \(target): TAPESTRY_FUZZ_SEED=\(Self.seed)")
    var mutator = Mutator(seed: Self.seed, corpus: inputs, longest: target.longest)
    for _ in 0..<Self.mutations[target.name, default: 4_000] { run(target, mutator.next()) }
  }

  @Test("a kept input that breaks a rule fails the test, and is named")
  func breaking() throws {
    let target = FuzzTarget("breaking", longest: 8) { bytes in hold(bytes != [1, 0xab], "not these") }
    run(target, [1])
    withKnownIssue {
      run(target, [1, 0xab])
    } matching: { issue in
      "\(issue)".contains("not these") && "\(issue)".contains("01ab")
    }
  }

  @Test("every option of the commands that are read quickly has its line", arguments: ["attach", "detach"])
  func options(command: String) throws {
    let inputs = try Self.inputs(.commandLine).map { $0.split(separator: 0).map { Array($0).text } }
    let given = Set(inputs.filter { $0.first == command }.joined())
    let help = command == "attach" ? Attach.helpMessage() : Detach.helpMessage()
    let options = help.split { " \n,=|:'()".contains($0) }.filter { $0.hasPrefix("--") && $0.count > 2 }.map(
      String.init)
    #expect(options.count > 5)
    // Those that the help of another option speaks of.
    let elsewhere: Set = ["--dns-server", "--help", "--version"]
    #expect(Set(options).subtracting(elsewhere).subtracting(given) == [])
  }

  private func run(_ target: FuzzTarget, _ input: [UInt8]) {
    Trial.$input.withValue(input) { target.run(input) }
  }

  private static func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
    let folder = folder.appending(path: target.name)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    try #require(!names.isEmpty)
    return try names.map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
  }
}

extension FuzzTarget: CustomStringConvertible {
  var description: String { name }
}
