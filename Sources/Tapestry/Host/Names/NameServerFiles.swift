import Glibc
import Linux

/// The files of all dnsmasqs of one state file. Each network has a directory of its own.
extension NamePlace {
  /// The directory beside the state file.
  init(statePath: String) throws(TapestryError) {
    self.init(directory: try StateFile.trusted(statePath) + ".d")
    guard geteuid() == 0 else { return }
    do throws(KernelError) {
      // Without a file, dnsmasq reports what it lacks.
      let (users, groups) = try (ifExists(File.read("/etc/passwd")) ?? [], ifExists(File.read("/etc/group")) ?? [])
      account = NameAccount(
        users: String(decoding: users, as: UTF8.self), groups: String(decoding: groups, as: UTF8.self))
    } catch {
      throw TapestryError(error)
    }
  }

  /// Only the files' group may read the folders. New files in them get that group (setgid).
  private var folderMode: UInt32 { account.groupID == nil ? 0o700 : 0o2750 }
  private var fileMode: UInt32 { account.groupID == nil ? 0o600 : 0o640 }

  /// Makes a network's directories, readable only by dnsmasq's group, because dnsmasq gives up root.
  func make(for network: Identifier) throws(KernelError) {
    // The group may only traverse this one.
    try Directory.make(directory, mode: account.groupID == nil ? 0o700 : 0o710, group: account.groupID)
    for folder in [directory(of: network), hosts(of: network), leases(of: network)] {
      try Directory.make(folder, mode: folderMode, group: account.groupID)
    }
  }

  /// As `make`, and corrects the group and mode of files that were written for another account or readable by everybody.
  func remake(for network: Identifier) throws(KernelError) {
    try make(for: network)
    for folder in [hosts(of: network), leases(of: network)] {
      for name in try names(in: folder) {
        try File.give("\(folder)/\(name)", mode: fileMode, group: account.groupID)
      }
    }
  }

  /// Lets other users traverse the state file's directory, which dnsmasq needs to reach its files. Does not do so if other
  /// things than the state file are in it.
  /// - Returns: that directory, or one further up, if it cannot be traversed; nil if all can.
  func makeTraversable() throws(KernelError) -> String? {
    guard geteuid() == 0 else { return nil }
    let pass = UInt32(S_IXOTH)
    let slash = UInt8(ascii: "/")
    var path = directory[..<(directory.utf8.lastIndex(of: slash) ?? directory.startIndex)]
    let parent = path.isEmpty ? "/" : String(path)
    let own = try Directory.mode(parent)
    if own & pass == 0 {
      let name = directory[path.endIndex...].dropFirst().dropLast(".d".count)
      guard try Directory.names(parent).allSatisfy({ $0.hasPrefix(name) }) else { return parent }
      try Directory.make(parent, mode: own | pass)
    }
    while let index = path.utf8.lastIndex(of: slash), index > path.startIndex {
      path = path[..<index]
      guard try Directory.mode(String(path)) & pass != 0 else { return String(path) }
    }
    return nil
  }

  func remove(_ network: Identifier) throws(KernelError) {
    for folder in [hosts(of: network), leases(of: network), directory(of: network)] {
      for name in try names(in: folder) { try File.remove("\(folder)/\(name)") }
      try Directory.remove(folder)
    }
    try Directory.remove(directory)
  }

  // MARK: One guest

  func write(_ records: NameRecords, of network: Identifier) throws(KernelError) {
    do throws(KernelError) { try writeOnce(records, of: network) } catch {
      guard error.errno == .noSuchFile else { throw error }
      try make(for: network)
      try writeOnce(records, of: network)
    }
  }

  private func writeOnce(_ records: NameRecords, of network: Identifier) throws(KernelError) {
    for (folder, line) in [(leases(of: network), records.lease), (hosts(of: network), records.host)] {
      let path = "\(folder)/\(records.address)"
      if let line { try File.replace(path, with: line + "\n", mode: fileMode) } else { try File.remove(path) }
    }
  }

  func removeRecords(_ file: String, of network: Identifier) throws(KernelError) {
    for folder in [hosts(of: network), leases(of: network)] { try File.remove("\(folder)/\(file)") }
  }

  // MARK: Observing

  /// The services by network, without their processes.
  func read() throws(KernelError) -> [Identifier: ObservedNames.Service] {
    var services: [Identifier: ObservedNames.Service] = [:]
    for name in try names(in: directory) {
      guard let network = network(ofDirectory: name) else { continue }
      services[network] = ObservedNames.Service(
        hosts: try lines(in: hosts(of: network)), leases: try lines(in: leases(of: network)))
    }
    return services
  }

  private func lines(in folder: String) throws(KernelError) -> [String: String] {
    var lines: [String: String] = [:]
    for name in try names(in: folder) { lines[name] = try ifExists(File.readLine("\(folder)/\(name)")) }
    return lines
  }

  /// Empty if the directory does not exist.
  private func names(in folder: String) throws(KernelError) -> [String] {
    try ifExists(Directory.names(folder)) ?? []
  }
}
