import FoundationEssentials
import Glibc
import TestKit
import Testing

/// The command line as its users run it: as a process, in a network namespace of its own, with a state file of its own.
struct CommandRig: Sendable {
  let namespace: TestNamespace
  let directory: String

  var statePath: String { directory + "/state.db" }

  /// `tapestry`, beside the test bundle.
  static let binary: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/tapestry"
  }()

  /// Makes a rig, calls the body, and removes all that it left.
  static func use(_ body: (CommandRig) async throws -> Void) async throws {
    try await withNamespace { namespace in
      var template = Array("/tmp/tapestry-test-XXXXXX".utf8CString)
      let directory = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try await body(CommandRig(namespace: namespace, directory: directory))
    }
  }

  // MARK: Running

  /// Runs `tapestry` to its end, with nothing in its environment but PATH, TAPESTRY_STATE, and what is given.
  @discardableResult
  func tapestry(
    _ arguments: String..., environment: [String: String] = [:], input: String = ""
  ) async throws -> CommandResult {
    try await tapestry(arguments, environment: environment, input: input)
  }

  @discardableResult
  func tapestry(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
  ) async throws -> CommandResult {
    try await namespace.command(
      arguments: [Self.binary] + arguments, environment: self.environment.merging(environment) { $1 }, input: input)
  }

  /// Starts `tapestry` and leaves it running.
  func start(_ arguments: String...) async throws -> RunningCommand {
    try await namespace.start(arguments: [Self.binary] + arguments, environment: environment)
  }

  /// Runs a shell script, in which `tapestry` is the one under test.
  func shell(_ script: String) async throws -> CommandResult {
    try await namespace.command(
      arguments: ["sh", "-c", "tapestry() { '\(Self.binary)' \"$@\"; }\n\(script)"], environment: environment)
  }

  var environment: [String: String] {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) }
    return ["PATH": path ?? "/usr/sbin:/usr/bin:/sbin:/bin", "TAPESTRY_STATE": statePath]
  }

  // MARK: Results

  /// Runs `tapestry`, which must succeed and say nothing on standard error.
  func output(_ arguments: String...) async throws -> String { try await output(arguments) }

  func output(_ arguments: [String]) async throws -> String {
    let result = try await tapestry(arguments).checked()
    #expect(result.stderr == "", "\(arguments)")
    return result.stdout
  }

  /// Runs `tapestry`, which must print one line of JSON.
  func json(_ arguments: String...) async throws -> JSONValue { try await json(arguments) }

  func json(_ arguments: [String]) async throws -> JSONValue {
    let text = try await output(arguments + ["-o", "json"])
    #expect(text.last == "\n" && !text.dropLast().contains("\n"))
    return try JSONValue(parsing: text)
  }
}
