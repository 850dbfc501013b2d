import TestKit

/// The state file, behind the program's back.
extension CommandRig {
  /// Changes it.
  func sql(_ statement: String) async throws { _ = try await sqlite(statePath, statement) }

  /// Reads it.
  func query(_ statement: String) async throws -> String { try await sqlite("-readonly", statePath, statement) }

  /// The process that the only lease is tied to.
  func holder() async throws -> Int32? { Int32(try await query("SELECT pid FROM lease").dropLast()) }

  /// Waits while another process has the file locked.
  private func sqlite(_ arguments: String...) async throws -> String {
    try await namespace.command(arguments: ["sqlite3", "-cmd", ".timeout 60000"] + arguments).checked().stdout
  }
}
