import ArgumentParser
import Tapestry

@testable import TapestryCommand

extension FuzzTarget {
  /// A command line, a word up to each NUL. What the quick reading understands, the argument parser understands as the
  /// same; and what either makes of it becomes a request or an error.
  static let commandLine = FuzzTarget("command-line", longest: 160) { bytes in
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map { Array($0).text }
    let quick = QuickCommand(words[...])
    // The parser would ask the shell's completion something, which looks into the state file that it names.
    guard !words.contains(where: { $0.hasPrefix("---completion") }) else { return }
    guard let quick else { return }
    let command = try? TapestryCommand.parseAsRoot(words)
    switch quick {
    case .version: hold(command is PrintVersion, "read alike: \(words)")
    case .attach(let invocation):
      hold((command as? Attach)?.invocation == invocation, "read alike: \(words)")
      check(invocation)
    case .detach(let invocation): hold((command as? Detach)?.invocation == invocation, "read alike: \(words)")
    }
  }

  private static func check(_ invocation: AttachInvocation) {
    do throws(TapestryError) {
      let request = try invocation.request()
      hold(request.vmID.rawValue == invocation.vm && request.pid == invocation.pid, "the request is what was asked for")
    } catch {
      // Whatever a word says is read before anything is opened.
      hold(error.code.rawValue.hasPrefix("INVALID_"), "an error of the words: \(error)")
    }
  }
}
