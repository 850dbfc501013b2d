import CLinux
import Glibc
import Linux
import NetTypes

/// The running dnsmasqs of one state file's networks. A process is identified by its command line, which names the
/// directory of its files, and by that directory being the same one for it: in a container the same path leads elsewhere. A
/// process that has ended meanwhile, or whose id was reused, gets no signal.
extension NamePlace {
  /// - Parameter network: nil for all networks.
  func processes(of network: Identifier? = nil) throws(KernelError) -> [(network: Identifier, ObservedNames.Process)] {
    var found: [(Identifier, ObservedNames.Process)] = []
    for pid in try OtherProcess.all() {
      guard let process = try OtherProcess(pid: pid) else { continue }
      guard let (owner, role, arguments) = try owner(of: process), network == nil || owner == network,
        let identity = try ProcessIdentity(running: pid)
      else { continue }
      let server = ObservedNames.Process(
        role: role, identity: identity, arguments: Array(arguments.dropFirst()), isHere: try isHere(pid))
      found.append((owner, server))
    }
    return found
  }

  /// The processes that we started. dnsmasq forks a child for each TCP connection; their number depends on the clients, and
  /// says nothing about the server.
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

  /// Tells the network's processes to end (SIGTERM), without waiting. First empties their pid files, if possible, so that
  /// an observer sees that they will end even while they still run.
  func tellToEnd(_ network: Identifier) throws(KernelError) {
    for (_, found) in try processes(of: network) {
      guard let process = try OtherProcess(pid: found.identity.pid), try owner(of: process)?.network == network
      else { continue }
      try? File.replace(processFile(of: network, found.role), with: "", mode: 0o600)
      try process.kill(SIGTERM)
    }
  }

  /// dnsmasq writes its pid to the file before it is ready. If the file has another pid or none, the process was told to
  /// end, or its files are not those that it has read.
  private func isNamed(_ process: ObservedNames.Process, of network: Identifier) -> Bool {
    (try? File.readLine(processFile(of: network, process.role))) == "\(process.identity.pid)"
  }

  /// Stops the network's processes, and waits until they have ended.
  func stop(_ network: Identifier) throws(KernelError) {
    for (_, found) in try processes(of: network) {
      guard let process = try OtherProcess(pid: found.identity.pid), try owner(of: process)?.network == network,
        try process.kill(SIGTERM), try !process.hasEnded(within: .seconds(3))
      else { continue }
      // A process that is ending closes its sockets, which takes seconds on a busy kernel.
      guard try process.kill(SIGKILL), try !process.hasEnded(within: .seconds(30)) else { continue }
      throw KernelError("end dnsmasq (process \(process.pid))", .timedOut)
    }
    // A killed process does not remove the file itself.
    for role in NameServerRole.allCases { try File.remove(processFile(of: network, role)) }
  }

  /// The network that a process serves, its role and its command line. Returns nil if it does not belong to this directory.
  private func owner(
    of process: borrowing OtherProcess
  ) throws(KernelError) -> (network: Identifier, role: NameServerRole, arguments: [String])? {
    let arguments = try process.arguments()
    guard let (network, role) = owner(of: arguments) else { return nil }
    let path = directory(of: network)
    if let isSame = Directory.isSame(path, as: "/proc/\(process.pid)/root\(path)") {
      return isSame ? (network, role, arguments) : nil
    }
    // Its files are gone, so only its network namespace identifies it.
    return try isHere(process.pid) ? (network, role, arguments) : nil
  }

  /// Returns true if the process is in this thread's network namespace; false if that cannot be read.
  private func isHere(_ pid: Int32) throws(KernelError) -> Bool {
    let here = try Directory.link("/proc/thread-self/ns/net")
    return (try? Directory.link("/proc/\(pid)/ns/net")) == here
  }

  /// Makes dnsmasq read its DHCP hosts again (SIGHUP). It notices removed names without that, but not removed DHCP hosts.
  func reload(_ network: Identifier) throws(KernelError) {
    if let process = try running(network, .server) { try process.kill(SIGHUP) }
  }

  /// Returns true if all processes that were started for a network run.
  func isRunning(_ network: Identifier) throws(KernelError) -> Bool {
    for role in NameServerRole.allCases
    where unsafe role == .server || access(processFile(of: network, role), F_OK) == 0 {
      guard try running(network, role) != nil else { return false }
    }
    return true
  }

  /// The process in the role's pid file. Returns nil if it does not belong to the network.
  private func running(_ network: Identifier, _ role: NameServerRole) throws(KernelError) -> OtherProcess? {
    guard let pid = (try? File.readLine(processFile(of: network, role))).flatMap({ Int32($0) }),
      let process = try OtherProcess(pid: pid), let owner = try owner(of: process),
      owner.network == network, owner.role == role
    else { return nil }
    return process
  }
}

/// The program dnsmasq, from Debian's package dnsmasq-base.
enum NameServerProgram {
  /// The path of the program. Returns nil if it is not installed.
  static var path: String? {
    let search = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    let folders = search.split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/usr/local/sbin"]).lazy.map { "\($0)/dnsmasq" }
      .first { unsafe access($0, X_OK) == 0 }
  }

  static let isMissing = TapestryError(
    .nameServerFailed,
    saying: """
      dnsmasq, which serves names to guests, is not in PATH or /usr/sbin: install it (Debian, Ubuntu: apt-get install \
      dnsmasq-base), or create the network without \(.set(.nameServer))
      """)

  /// Why it did not start.
  struct Failure {
    /// Its output on stderr.
    var words: String
    /// It could not bind its port: the former holder may be about to release it.
    var mayPass: Bool

    /// It does not know one of its arguments.
    var isOfOptions: Bool { words.contains("bad command line options") }
  }

  /// Starts dnsmasq in the network namespace of this thread, and returns when it answers. It puts itself into the
  /// background, in a session of its own, and inherits no descriptors of this process.
  /// - Returns: nil if it answers.
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

  /// The socket that is bound to the port that dnsmasq needs. Returns nil if there is none.
  static func holder(of address: IPv4Address, _ port: UInt16) -> BoundPort? {
    let ports = ((try? BoundPort.all(.tcp)) ?? []) + ((try? BoundPort.all(.udp)) ?? [])
    return ports.first { $0.port == port && ($0.address ?? address) == address }
  }
}
