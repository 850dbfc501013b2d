import Glibc
import Linux
import NetTypes

/// Networks' name servers: dnsmasq processes and their files.
final class NameServerDriver {
  private let links: LinkDriver
  private let statePath: String?
  private var foundPlace: NamePlace?

  /// - Parameter statePath: the state file, beside which the files are; nil if there are no name servers.
  init(statePath: String?, _ links: LinkDriver) {
    self.statePath = statePath
    self.links = links
  }

  /// Determined at the first use.
  private func namePlace() throws(TapestryError) -> NamePlace? {
    if let foundPlace { return foundPlace }
    foundPlace = try statePath.map(NamePlace.init(statePath:))
    return foundPlace
  }

  /// - Throws: `KERNEL_REFUSED` if something cannot be read.
  func observeNames() throws(TapestryError) -> ObservedNames {
    guard let place = try namePlace() else { return ObservedNames() }
    do throws(KernelError) {
      var observed = ObservedNames(place: place, services: try place.read())
      // Without files, there has never been a process.
      guard !observed.services.isEmpty else { return observed }
      for (network, process) in try place.servers() {
        observed.services[network, default: .init()].processes.append(process)
      }
      return observed
    } catch {
      throw TapestryError(error)
    }
  }

  func serve(_ network: Identifier, _ service: NameService?) throws(TapestryError) {
    do throws(StepFailure) {
      // Without its bridge, it has nothing to bind to. Something else has failed then, and is reported.
      guard let service, try hasBridge(service.network) else {
        try ofNames(network) { place throws(KernelError) in try place.stop(network) }
        return
      }
      let isRight = try ofNames(network) { place throws(KernelError) in
        let processes = try place.servers().filter { $0.network == network }.map(\.1)
        return ObservedNames.Service(processes: processes).drift(as: service, place) == nil
      }
      if isRight != true { try start(service) }
    } catch {
      throw error.error
    }
  }

  private func hasBridge(_ network: Network) throws(StepFailure) -> Bool {
    do throws(KernelError) { return try links.findLink(network.bridge) != nil } catch {
      throw StepFailure(TapestryError(error))
    }
  }

  func forgetNameServer(_ network: Identifier) throws(TapestryError) {
    do throws(StepFailure) {
      try ofNames(network) { place throws(KernelError) in try place.remove(network) }
    } catch {
      throw error.error
    }
  }

  /// If it has ended, the thorough path starts it again.
  func requireNameServer(_ network: Identifier) throws(StepFailure) {
    let runs = try ofNames(network) { place throws(KernelError) in try place.isRunning(network) }
    guard runs == false else { return }
    throw StepFailure(TapestryError(.nameServerFailed, "dnsmasq of network \(network) is not running"), .outOfSync)
  }

  /// Makes what a name server needs before it can be started, without waiting.
  /// - Returns: the program.
  @discardableResult
  func prepareNameServer(_ network: Identifier) throws(StepFailure) -> String {
    guard let path = NameServerProgram.path else { throw StepFailure(NameServerProgram.isMissing) }
    var closed: String?
    try ofNames(network) { place throws(KernelError) in
      try place.remake(for: network)
      closed = try place.makeTraversable()
    }
    if let closed {
      throw StepFailure(
        TapestryError(
          .nameServerFailed,
          saying: """
            dnsmasq of network \(network), which does not run as root, cannot reach its files through \(closed), beside \
            the state file: allow that (chmod o+x \(closed)), or use \(.set(.statePath)) with another path
            """))
    }
    return path
  }

  private func start(_ service: NameService) throws(StepFailure) {
    // If an obstacle to the new process is already known, the old one continues.
    let path = try prepareNameServer(service.network.name)
    try ofNames(service.network.name) { place throws(KernelError) in try place.stop(service.network.name) }
    // The upstreams of the server start before it answers anybody.
    for role in NameServerRole.allCases.reversed() { try start(path, role, of: service) }
  }

  private func start(_ path: String, _ role: NameServerRole, of service: NameService) throws(StepFailure) {
    let network = service.network.name
    let gateway = service.network.subnet.gateway
    var failure: NameServerProgram.Failure?
    let begin = ContinuousClock.now
    while true {
      try ofNames(network) { place throws(KernelError) in
        guard let arguments = service.arguments(of: role, place) else { return }
        failure = try NameServerProgram.start(path, arguments)
      }
      guard failure?.mayPass == true else { break }
      // A killed process holds its port until it is gone completely; meanwhile the port's holder has no name.
      let isNamed = NameServerProgram.holder(of: gateway, role.port)?.holder != nil
      guard ContinuousClock.now - begin < (isNamed ? Self.startLimit : Self.startLimitAfterDeath) else { break }
      usleep(Self.startPause)
    }
    guard let failure else { return }
    // All of them, or none.
    try ofNames(network) { place throws(KernelError) in try place.stop(network) }
    let holder = NameServerProgram.holder(of: gateway, role.port).map {
      " (port \(role.port) of \(gateway) is in use by \($0.holder ?? "a program of this host"))"
    }
    throw StepFailure(
      TapestryError(
        .nameServerFailed,
        "dnsmasq of network \(network) could not be started: \(failure.words)\(holder ?? "")"
          + (failure.isOfOptions ? ". It needs dnsmasq 2.90 or later" : "")))
  }

  private static let startLimit = Duration.seconds(1)
  private static let startLimitAfterDeath = Duration.seconds(20)
  /// In microseconds.
  private static let startPause: useconds_t = 100_000

  func endNameServer(_ network: Identifier) throws(StepFailure) {
    try ofNames(network) { place throws(KernelError) in try place.tellToEnd(network) }
  }

  func setNames(_ guest: Desired.Guest) throws(StepFailure) {
    guard let records = NameService.records(of: guest) else { return }
    try ofNames(guest.network.name) { place throws(KernelError) in
      try place.write(records, of: guest.network.name)
    }
  }

  /// Makes dnsmasq forget guests of one network, and signals it once.
  func forgetNames(_ network: Identifier, _ files: [String]) throws(StepFailure) {
    try ofNames(network) { place throws(KernelError) in
      for file in files { try place.removeRecords(file, of: network) }
      try place.reload(network)
    }
  }

  /// - Returns: nil if there are no name servers.
  @discardableResult
  private func ofNames<Value>(
    _ network: Identifier, _ body: (NamePlace) throws(KernelError) -> Value
  ) throws(StepFailure) -> Value? {
    do throws(TapestryError) {
      guard let place = try namePlace() else { return nil }
      do throws(KernelError) { return try body(place) } catch {
        throw TapestryError(error, .nameServerFailed, "The name server of network \(network) failed")
      }
    } catch {
      throw StepFailure(error)
    }
  }
}
