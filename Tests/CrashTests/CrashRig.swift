import Glibc
import TestKit

/// A fresh namespace with a state file of its own, in which the program runs.
struct CrashRig: Sendable {
  let namespace: TestNamespace
  var directory: String { "/tmp/\(namespace.name)" }
  var statePath: String { directory + "/state.db" }

  /// Runs `body` with a rig, and removes its files afterwards.
  static func use<Result>(_ body: (CrashRig) async throws -> Result) async throws -> Result {
    try await withNamespace { namespace in
      let rig = CrashRig(namespace: namespace)
      do {
        let result = try await body(rig)
        rig.removeFiles()
        return result
      } catch {
        rig.removeFiles()
        throw error
      }
    }
  }

  private func removeFiles() {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { _ = unsafe unlink(statePath + suffix) }
    _ = unsafe rmdir(directory)
  }

  private var environment: [String: String] {
    [
      "PATH": Settings.searchPath, "TAPESTRY_STATE": statePath, "STATE": statePath, "TAPESTRY": Settings.binary,
      "FAULTS": World.faultQuery, "LC_ALL": "C",
    ]
  }

  /// Runs the program, under strace where there is a fault to give it.
  func tapestry(
    _ arguments: [String], under fault: Fault? = nil, timeout: Duration = Self.timeout
  ) async throws -> CommandResult {
    try await namespace.command(
      arguments: (fault?.arguments ?? []) + [Settings.binary] + arguments, environment: environment, timeout: timeout)
  }

  /// Whatever takes longer hangs.
  static let timeout: Duration = .seconds(60)

  /// Runs a shell script in which `tapestry` is the program; it fails with the first command that does.
  func script(_ text: String) async throws {
    let function = "tapestry() { \"$TAPESTRY\" \"$@\" >/dev/null; }\n"
    _ = try await namespace.command(
      arguments: ["sh", "-ec", function + text], environment: environment, timeout: Self.timeout
    ).checked()
  }

  func world() async throws -> World {
    let result = try await namespace.command(
      arguments: ["sh", "-c", World.script], environment: environment, timeout: Self.timeout)
    return World(parsing: try result.checked().stdout)
  }

  /// The system calls that a command makes.
  func trace(_ arguments: [String]) async throws -> CallTrace {
    let strace = ["strace", "-f", "-qq", "-s", "256", "-o", directory + ".trace", Settings.binary]
    let result = try await namespace.command(
      arguments: strace + arguments, environment: environment, timeout: Self.timeout)
    let text = try await namespace.command("cat", directory + ".trace")
    _ = unsafe unlink(directory + ".trace")
    _ = try result.checked()
    return CallTrace(parsing: text, statePath: statePath)
  }
}
