import Glibc
import Linux
import NetTypes

/// The files of the dnsmasqs of one state file's networks, each in a directory of its own.
extension NamePlace {
  /// Beside the state file, whose directory there must be.
  init(statePath: String) throws(TapestryError) {
    let slash = statePath.utf8.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { String(statePath[...$0]) } ?? "."
    let name = slash.map { statePath[statePath.utf8.index(after: $0)...] } ?? statePath[...]
    do throws(SystemError) {
      let absolute = try Directory.absolute(parent)
      self.init(directory: (absolute == "/" ? "" : absolute) + "/\(name).d")
    } catch {
      throw TapestryError(error, .stateUnavailable, "State file '\(statePath)' is unavailable")
    }
  }

  /// Makes a network's directories. dnsmasq, which gives up its privileges, reads them as anybody may.
  func make(for network: Identifier) throws(SystemError) {
    try Directory.make(directory, mode: 0o711)
    try Directory.make(directory(of: network), mode: 0o755)
    try Directory.make(hosts(of: network), mode: 0o755)
    try Directory.make(leases(of: network), mode: 0o755)
  }

  /// Lets others pass through the state file's directory, as dnsmasq must, to what is theirs to read; but not where other
  /// things than the state file are in it.
  /// - Returns: that directory, or one further up, where it does not let them; nil when the way is free.
  func openWay() throws(SystemError) -> String? {
    guard geteuid() == 0 else { return nil }
    let pass = UInt32(S_IXOTH)
    var path = directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)]
    let parent = path.isEmpty ? "/" : String(path)
    let own = try Directory.mode(parent)
    if own & pass == 0 {
      let name = directory[path.endIndex...].dropFirst().dropLast(".d".count)
      guard try Directory.names(parent).allSatisfy({ $0.hasPrefix(name) }) else { return parent }
      try Directory.make(parent, mode: own | pass)
    }
    while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = path[..<slash]
      guard try Directory.mode(String(path)) & pass != 0 else { return String(path) }
    }
    return nil
  }

  func remove(_ network: Identifier) throws(SystemError) {
    for folder in [hosts(of: network), leases(of: network)] {
      for name in try names(in: folder) { try File.remove("\(folder)/\(name)") }
      try Directory.remove(folder)
    }
    for name in try names(in: directory(of: network)) { try File.remove("\(directory(of: network))/\(name)") }
    try Directory.remove(directory(of: network))
    try Directory.remove(directory)
  }

  // MARK: One guest

  func write(_ records: NameRecords, of network: Identifier) throws(SystemError) {
    do throws(SystemError) { try writeOnce(records, of: network) } catch {
      guard error.errno == .noSuchFile else { throw error }
      try make(for: network)
      try writeOnce(records, of: network)
    }
  }

  private func writeOnce(_ records: NameRecords, of network: Identifier) throws(SystemError) {
    for (folder, line) in [(leases(of: network), records.lease), (hosts(of: network), records.host)] {
      let path = "\(folder)/\(records.address)"
      if let line { try File.replace(path, with: line + "\n", mode: 0o644) } else { try File.remove(path) }
    }
  }

  func removeRecords(_ file: String, of network: Identifier) throws(SystemError) {
    for folder in [hosts(of: network), leases(of: network)] { try File.remove("\(folder)/\(file)") }
  }

  // MARK: Observing

  /// By network, without its processes.
  func read() throws(SystemError) -> [Identifier: ObservedNames.Service] {
    var services: [Identifier: ObservedNames.Service] = [:]
    for name in try names(in: directory) {
      guard let network = network(ofDirectory: name) else { continue }
      services[network] = ObservedNames.Service(
        hosts: try lines(in: hosts(of: network)), leases: try lines(in: leases(of: network)))
    }
    return services
  }

  private func lines(in folder: String) throws(SystemError) -> [String: String] {
    var lines: [String: String] = [:]
    for name in try names(in: folder) {
      do throws(SystemError) { lines[name] = try File.readLine("\(folder)/\(name)") } catch {
        guard error.errno == .noSuchFile else { throw error }
      }
    }
    return lines
  }

  /// None where there is no such directory.
  private func names(in folder: String) throws(SystemError) -> [String] {
    do throws(SystemError) { return try Directory.names(folder) } catch {
      guard error.errno == .noSuchFile else { throw error }
      return []
    }
  }
}
