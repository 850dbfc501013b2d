@testable import Linux

extension FuzzTarget {
  /// The contents of /proc/PID/stat.
  static let processes = FuzzTarget("processes", longest: 512) { bytes in
    guard let process = ProcessIdentity(pid: 7, stat: bytes) else { return }
    hold(process.pid == 7, "the process is the one asked for")
    hold(bytes.contains(UInt8(ascii: ")")), "a process has a name")
    let word = Array(String(process.startTime).utf8)
    hold(bytes.firstRange(of: word) != nil, "the start time stands there: \(process.startTime)")
  }
}
