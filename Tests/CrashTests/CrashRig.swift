import Glibc
import Linux
import TestKit

/// A fresh namespace with a state file of its own, in which the program runs.
struct CrashRig: Sendable {
  let namespace: TestNamespace
  var directory: String { "/tmp/\(namespace.name)" }
  var statePath: String { directory + "/state.db" }
  /// What strace writes.
  private var tracePath: String { directory + ".trace" }

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

  /// Removes the state file, with its directory.
  func removeFiles() {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock", ".reserve"] { _ = unsafe unlink(statePath + suffix) }
    _ = unsafe unlink(tracePath)
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
    _ arguments: [String], under fault: Fault? = nil, following: Bool = true
  ) async throws -> CommandResult {
    let strace = fault?.arguments(log: tracePath, following: following) ?? []
    return try await namespace.command(
      arguments: strace + [Settings.binary] + arguments, environment: environment, timeout: Self.timeout)
  }

  /// Whether strace failed a call of the last run under a fault.
  func hasInjected() throws -> Bool {
    String(decoding: try File.read(tracePath), as: UTF8.self).contains(Fault.injectionMark)
  }

  /// Whatever takes longer hangs.
  static let timeout: Duration = .patience

  /// Runs a shell script in which `tapestry` is the program; it fails with the first command that does.
  func script(_ text: String) async throws {
    guard !text.isEmpty else { return }
    let function = "tapestry() { \"$TAPESTRY\" \"$@\" >/dev/null; }\n"
    _ = try await namespace.command(
      arguments: ["sh", "-ec", function + text], environment: environment, timeout: Self.timeout
    ).checked()
  }

  func world() async throws -> World {
    let result = try await namespace.command(
      arguments: ["sh", "-c", World.script], environment: environment, timeout: Self.timeout
    ).checked()
    return World(parsing: result.stdout, sysctls: result.stderr)
  }

  /// The system calls that a command makes.
  func trace(_ arguments: [String], following: Bool) async throws -> CallTrace {
    let strace = ["strace"] + (following ? ["-f"] : []) + ["-qq", "-s", "256", "-o", tracePath]
    let result = try await namespace.command(
      arguments: strace + [Settings.binary] + arguments, environment: environment, timeout: Self.timeout)
    _ = try result.checked()
    return CallTrace(parsing: String(decoding: try File.read(tracePath), as: UTF8.self), statePath: statePath)
  }
}
