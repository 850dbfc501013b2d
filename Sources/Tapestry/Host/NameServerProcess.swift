import CLinux
import Glibc
import Linux
import NetTypes

/// The running dnsmasqs of one state file's networks. They are known by their command lines, which name the place of
/// their files, and by having that place before them: in a container the same path leads elsewhere. What has ended
/// meanwhile, or is another process's by now, gets no signal.
extension NamePlace {
  /// - Parameter network: nil for all.
  func processes(of network: Identifier? = nil) throws(KernelError) -> [(network: Identifier, ObservedNames.Process)] {
    var found: [(Identifier, ObservedNames.Process)] = []
    for pid in try OtherProcess.all() {
      guard let process = try OtherProcess(pid: pid) else { continue }
      guard let (owner, role, arguments) = try owner(of: process), network == nil || owner == network,
        let identity = try ProcessIdentity(running: pid)
      else { continue }
      found.append(
        (
          owner,
          .init(role: role, identity: identity, arguments: Array(arguments.dropFirst()), isHere: try isHere(pid))
        ))
    }
    return found
  }

  /// Those that were started. dnsmasq makes a child of itself for each connection by TCP: how many there are is for whoever
  /// asks to decide, and says nothing of the server.
  func servers() throws(KernelError) -> [(network: Identifier, ObservedNames.Process)] {
    let found = try processes()
    let pids = Set(found.map(\.1.identity.pid))
    var servers: [(Identifier, ObservedNames.Process)] = []
    for (network, process) in found {
      let parent = try ProcessIdentity.parent(of: process.identity.pid)
      if let parent, pids.contains(parent) { continue }
      var server = process
      server.isLeaving = !isNamed(process, of: network)
      servers.append((network, server))
    }
    return servers
  }

  /// Tells whatever runs for a network to end, and waits for nothing. Its file is emptied first, where that can be: whoever
  /// looks then knows that it is not to stay, though it runs on.
  func tellToEnd(_ network: Identifier) throws(KernelError) {
    for (_, found) in try processes(of: network) {
      guard let process = try OtherProcess(pid: found.identity.pid), try owner(of: process)?.network == network
      else { continue }
      try? File.replace(processFile(of: network, found.role), with: "", mode: 0o600)
      try process.kill(SIGTERM)
    }
  }

  /// It writes its own process id there before it is ready. Where there is another, or none, it was told to end, or its files
  /// are not those that it has read.
  private func isNamed(_ process: ObservedNames.Process, of network: Identifier) -> Bool {
    (try? File.readLine(processFile(of: network, process.role))) == "\(process.identity.pid)"
  }

  /// Ends whatever runs for a network, and waits until it has.
  func stop(_ network: Identifier) throws(KernelError) {
    for (_, found) in try processes(of: network) {
      guard let process = try OtherProcess(pid: found.identity.pid), try owner(of: process)?.network == network,
        try process.kill(SIGTERM), try !process.hasEnded(within: .seconds(3))
      else { continue }
      // One that is about to end closes its sockets, for which a busy kernel takes seconds.
      guard try process.kill(SIGKILL), try !process.hasEnded(within: .seconds(30)) else { continue }
      throw KernelError("end dnsmasq (process \(process.pid))", .timedOut)
    }
    // It may no longer remove it itself.
    for role in NameServerRole.allCases { try File.remove(processFile(of: network, role)) }
  }

  /// The network that a process serves, as what, and its command line; nil where it is none of this place's.
  private func owner(
    of process: borrowing OtherProcess
  ) throws(KernelError) -> (network: Identifier, role: NameServerRole, arguments: [String])? {
    let arguments = try process.arguments()
    guard let (network, role) = owner(of: arguments) else { return nil }
    let path = directory(of: network)
    if let isSame = Directory.isSame(path, as: "/proc/\(process.pid)/root\(path)") {
      return isSame ? (network, role, arguments) : nil
    }
    // Its files are gone, so it can only be told by where it is.
    return try isHere(process.pid) ? (network, role, arguments) : nil
  }

  /// Whether it is in the network namespace of this thread; false where it cannot be looked at.
  private func isHere(_ pid: Int32) throws(KernelError) -> Bool {
    let here = try Directory.link("/proc/thread-self/ns/net")
    return (try? Directory.link("/proc/\(pid)/ns/net")) == here
  }

  /// Has it read again what it was told of guests: it forgets by itself the names of those that are gone, but not that
  /// they are to have an address.
  func reload(_ network: Identifier) throws(KernelError) {
    guard let pid = try running(network, .server), let process = try OtherProcess(pid: pid),
      try owner(of: process)?.network == network
    else { return }
    try process.kill(SIGHUP)
  }

  /// Whether all run that were started for a network.
  func isRunning(_ network: Identifier) throws(KernelError) -> Bool {
    for role in NameServerRole.allCases
    where unsafe role == .server || access(processFile(of: network, role), F_OK) == 0 {
      guard try running(network, role) != nil else { return false }
    }
    return true
  }

  /// The process that its own file names; nil where that is none of the network's.
  private func running(_ network: Identifier, _ role: NameServerRole) throws(KernelError) -> Int32? {
    guard let pid = (try? File.readLine(processFile(of: network, role))).flatMap({ Int32($0) }),
      let process = try OtherProcess(pid: pid), let owner = try owner(of: process),
      owner.network == network, owner.role == role
    else { return nil }
    return pid
  }
}

/// The program, from Debian's package dnsmasq-base.
enum NameServerProgram {
  /// Where it is; nil where it is not installed.
  static var path: String? {
    let search = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    let folders = search.split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/usr/local/sbin"]).lazy.map { "\($0)/dnsmasq" }
      .first { unsafe access($0, X_OK) == 0 }
  }

  static let isMissing = TapestryError(
    .nameServerFailed,
    "There is no dnsmasq in PATH or /usr/sbin, which serves names to guests: install it (Debian, Ubuntu: apt-get install "
      + "dnsmasq-base), or create the network without --dns-server")

  /// Why it has not started.
  struct Failure {
    /// What it said.
    var words: String
    /// It has not got its port: whoever had it before may be about to let go of it.
    var mayPass: Bool

    /// It does not know all of its arguments.
    var isOfOptions: Bool { words.contains("bad command line options") }
  }

  /// Starts it in the network namespace of this thread, and returns when it answers. It goes into the background by
  /// itself, in a session of its own, and holds nothing of this process's.
  /// - Returns: nil when it answers.
  static func start(_ path: String, _ arguments: [String]) throws(KernelError) -> Failure? {
    let null = try File.open("/dev/null", flags: O_RDWR)
    let said = OwnedFileDescriptor(owning: try valueOrError(unsafe clinux_memory_file("dnsmasq"), "memfd_create"))
    let child = try ChildProcess(
      [path] + arguments, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
      streams: .init(input: null.rawValue, output: null.rawValue, error: said.rawValue))
    guard let end = try child.wait(atMost: .seconds(20)) else {
      try child.kill(SIGKILL)
      _ = try child.wait()
      throw KernelError("start dnsmasq", .timedOut)
    }
    guard end != .exited(0) else { return nil }
    let words = String(decoding: try File.read("/proc/self/fd/\(said.rawValue)"), as: UTF8.self)
      .split(whereSeparator: \.isNewline).joined(separator: " ")
    // dnsmasq(8): 2 is a problem with the network.
    return Failure(words: words.isEmpty ? "\(end)" : words, mayPass: end == .exited(2))
  }

  /// What has the port that it is to listen on; nil for nothing.
  static func holder(of address: IPv4Address, _ port: UInt16) -> BoundPort? {
    let ports = ((try? BoundPort.all(.tcp)) ?? []) + ((try? BoundPort.all(.udp)) ?? [])
    return ports.first { $0.port == port && ($0.address ?? address) == address }
  }
}
