import Glibc
import Linux
import Tapestry

extension Benchmark {
  /// Measures whole commands, including process start, and the start of a process alone.
  func measureCommands(_ testbed: Testbed) throws -> Report.Section {
    let devNull = try File.open("/dev/null", flags: O_RDWR)
    let count = min(guests, 100)
    var idle: [Duration] = []
    var start: [Duration] = []
    var attach: [Duration] = []
    var detach: [Duration] = []
    for number in 0..<count {
      try progress("commands", number, count)
      if let idleProgram { idle.append(try command([idleProgram], devNull)) }
      start.append(try command([program, "version"], devNull))
      let words = ["command-\(number)", "--state", testbed.statePath]
      attach.append(try command([program, "attach", "--network", testbed.network.name.rawValue] + words, devNull))
      detach.append(try command([program, "detach"] + words, devNull))
    }
    var section = Report.Section(name: "commands", title: "commands, each a process")
    section.add("idle", idle)
    section.add("version", start, to: idle, "idle")
    let (least, name) = idle.isEmpty ? (start, "version") : (idle, "idle")
    section.add("attach", attach, to: least, name)
    section.add("detach", detach, to: least, name)
    return section
  }

  private func command(_ arguments: [String], _ devNull: borrowing OwnedFileDescriptor) throws -> Duration {
    let streams = ChildProcess.StandardStreams(input: devNull.rawValue, output: devNull.rawValue)
    var end = ChildProcess.Termination.exited(0)
    let duration = try time { end = try ChildProcess(arguments, streams: streams).wait() }
    guard end == .exited(0) else {
      throw TapestryError(.kernelRefused, "The benchmark failed: \(arguments.joined(separator: " ")): \(end)")
    }
    return duration
  }
}
