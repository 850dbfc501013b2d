import Glibc
import Linux
import Tapestry

extension Benchmark {
  /// Measures whole commands, including process start, and the start of a process alone.
  func measureCommands(_ testbed: Testbed) throws(TapestryError) -> Report.Section {
    let devNull = try asTapestryError { () throws(KernelError) in try File.open("/dev/null", flags: O_RDWR) }
    let count = min(guests, 100)
    var idle: [Duration] = []
    var start: [Duration] = []
    var attach: [Duration] = []
    var detach: [Duration] = []
    for number in 0..<count {
      try progress("commands", number, count)
      if let idleProgram { idle.append(try command([idleProgram], devNull)) }
      start.append(try command([program, "version"], devNull))
      let vm = "command-\(number)"
      let stateOption = ["--state", testbed.statePath]
      attach.append(
        try command([program, "attach", vm, "--network", testbed.network.name.rawValue] + stateOption, devNull))
      detach.append(try command([program, "detach", vm] + stateOption, devNull))
    }
    var section = Report.Section(name: "commands", title: "commands, each a process")
    section.add("idle", idle)
    section.add("version", start, ratio: .init(start, to: idle, "idle"))
    let (least, name) = idle.isEmpty ? (start, "version") : (idle, "idle")
    section.add("attach", attach, ratio: .init(attach, to: least, name))
    section.add("detach", detach, ratio: .init(detach, to: least, name))
    return section
  }

  private func command(_ arguments: [String], _ devNull: borrowing OwnedFileDescriptor) throws(TapestryError)
    -> Duration
  {
    let streams = ChildProcess.StandardStreams(input: devNull.rawValue, output: devNull.rawValue)
    var end = ChildProcess.Termination.exited(0)
    let duration = try asTapestryError { () throws(KernelError) in
      try time { () throws(KernelError) in
        end = try ChildProcess(arguments, streams: streams).wait()
      }
    }
    guard end == .exited(0) else {
      throw TapestryError(.kernelRefused, "The benchmark failed: \(arguments.joined(separator: " ")): \(end)")
    }
    return duration
  }
}
