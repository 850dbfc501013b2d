import FoundationEssentials
import TestKit
import Testing

/// Many commands that start at the same moment: all wait at a gate, a FIFO, until it opens.
struct Stampede {
  struct Outcome: CustomStringConvertible {
    var arguments: [String]
    var status: Int32
    var stdout: String
    var stderr: String

    /// The code of its error; nil for none.
    var code: String? {
      guard stderr.hasSuffix(")\n"), let open = stderr.lastIndex(of: "(") else { return nil }
      return String(stderr[stderr.index(after: open)...].dropLast(2))
    }

    var description: String { "\(arguments.joined(separator: " ")): \(status)\n\(stdout)\(stderr)" }
  }

  /// Runs all of `commands`, each with the arguments of a `tapestry` of its own.
  /// - Throws: `CommandTimeout` when they are not done in all patience: then something waits for ever.
  static func run(_ rig: CommandRig, _ commands: [[String]]) async throws -> [Outcome] {
    let directory = rig.directory + "/stampede"
    var script = "set -e; rm -rf \(directory); mkdir \(directory); cd \(directory); mkfifo gate\n"
    for (number, arguments) in commands.enumerated() {
      let words = arguments.map { "'\($0)'" }.joined(separator: " ")
      script += "( : <gate; set +e; '\(CommandRig.binary)' \(words) >\(number).out 2>\(number).err; "
      script += "echo $? >\(number).status ) &\n"
    }
    // A moment for the last ones to come to the gate; those that are late find it open.
    script += "sleep 0.1; exec 9>gate; wait\n"
    _ = try await rig.namespace.command(
      arguments: ["sh", "-c", script], environment: rig.environment
    ).checked()
    return try commands.enumerated().map { number, arguments in
      let text = { (suffix: String) throws in
        String(
          decoding: try #require(FileManager.default.contents(atPath: "\(directory)/\(number).\(suffix)")),
          as: UTF8.self)
      }
      let status = try #require(Int32(try text("status").dropLast()))
      return Outcome(arguments: arguments, status: status, stdout: try text("out"), stderr: try text("err"))
    }
  }
}
