import NetTypes

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

  /// The contents of /proc/net/tcp and /proc/net/udp.
  static let boundPorts = FuzzTarget("bound-ports", longest: 1024) { bytes in
    let lines = bytes.count { $0 == UInt8(ascii: "\n") }
    for table in [BoundPort.Table.tcp, .udp] {
      let ports = BoundPort.parse(bytes, table)
      hold(ports.count <= lines, "no more ports than lines after the first")
      hold(ports.allSatisfy { $0.address?.rawValue != 0 }, "all addresses are no address")
    }
  }
}
