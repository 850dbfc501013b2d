import TestKit
import Testing

/// The system calls of a command, as strace(1) sees them: where signals can be sent to it.
struct SystemCalls {
  struct Point: CustomStringConvertible, Sendable {
    var call: String
    /// From 1; strace counts the calls of each name for themselves.
    var occurrence: Int

    var description: String { "\(call) #\(occurrence)" }
  }

  var points: [Point]

  /// Runs `arguments` to its end, and notes what it calls.
  init(of rig: CommandRig, _ arguments: [String]) async throws {
    let trace = rig.directory + "/trace"
    let command = ["strace", "-qq", "-s", "0", "-o", trace, CommandRig.binary] + arguments
    _ = try await rig.namespace.command(arguments: command, environment: rig.environment)
    var counts: [Substring: Int] = [:]
    points = try await rig.namespace.command("cat", trace).split(separator: "\n").compactMap { line in
      guard let parenthesis = line.firstIndex(of: "("), line.first?.isLetter == true else { return nil }
      let call = line[..<parenthesis]
      counts[call, default: 0] += 1
      return Point(call: String(call), occurrence: counts[call, default: 0])
    }
  }

  /// One from each of `count` equal parts.
  func sample(_ count: Int, using generator: inout SeededGenerator) -> [Point] {
    (0..<count).map { part in
      let (low, high) = (points.count * part / count, points.count * (part + 1) / count)
      return points[Int.random(in: low..<max(high, low + 1), using: &generator)]
    }
  }
}

extension CommandRig {
  /// Runs `tapestry` and has a signal sent to it, not to its children, as it makes a system call.
  func tapestry(_ arguments: [String], signal: String, at point: SystemCalls.Point) async throws -> CommandResult {
    try await namespace.command(
      arguments: [
        "strace", "-qq", "-o", "/dev/null", "-e", "trace=\(point.call)",
        "--inject=\(point.call):signal=\(signal):when=\(point.occurrence)", Self.binary,
      ] + arguments, environment: environment)
  }
}
