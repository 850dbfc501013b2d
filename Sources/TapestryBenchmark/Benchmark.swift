import Glibc
import NetTypes
package import Tapestry

/// Measures attaching and detaching, and in the same run the least that the kernel takes for it, in a network namespace
/// of the process's own.
package struct Benchmark {
  package var mode = Network.Mode.bridge
  package var guests = 100
  package var parts: Set<Part> = Set(Part.allCases)
  /// The program whose commands are measured.
  package var program = "/proc/self/exe"
  /// A program that does nothing, to compare the commands with.
  package var idleProgram: String?
  /// Told how far it has come: of what, how many, of how many. What it throws ends the benchmark.
  package var progress: (String, Int, Int) throws(TapestryError) -> Void = { _, _, _ in }

  package enum Part: String, CaseIterable, Sendable {
    case library, commands, components, clones, packets
  }

  package init() {}

  /// Moves the calling thread into a namespace of its own, for good: the process's only one, or one that resumes no task.
  /// - Throws: `NOT_PERMITTED`; whatever an attach may.
  package func run() throws(TapestryError) -> Report {
    let sandbox = try Sandbox()
    defer { sandbox.remove() }
    var report = Report(mode: mode, guests: guests)
    let site = try Site(mode: mode, statePath: sandbox.statePath)
    for part in Part.allCases where parts.contains(part) {
      switch part {
      case .library: report.sections += try measureLibrary(site)
      case .commands: report.sections.append(try measureCommands(site))
      case .components: report.sections.append(try measureComponents(site, sandbox.directory))
      case .clones: if mode == .clone { report.sections.append(try measureClones(site)) }
      // Last: what it leaves, the kernel takes down by itself.
      case .packets: report.sections.append(try measurePackets(sandbox.directory))
      }
    }
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    report.peakMemory = usage.ru_maxrss << 10
    return report
  }
}

/// A host with a network for guests, and one for the floor's.
struct Site {
  let engine: Engine
  let statePath: String
  let network: Network
  let floor: Floor

  /// In the namespace of the calling thread.
  init(mode: Network.Mode, statePath: String) throws(TapestryError) {
    self.statePath = statePath
    engine = try Engine(NetworkManager.Options(statePath: statePath), isLongLived: true)
    network = try engine.createNetwork(.benchmark("bench", mode, second: 16))
    floor = try Floor(engine, try engine.createNetwork(.benchmark("floor", mode, second: 24)))
  }

  func request(_ number: Int) -> AttachRequest { AttachRequest(vmID: "vm-\(number)", network: network.name.rawValue) }
}

extension NetworkRequest {
  /// - Parameter second: The second octet of its subnet: 172.second.0.0/16 for up to 65,000 guests.
  fileprivate static func benchmark(
    _ name: String, _ mode: Network.Mode, second: UInt8
  ) throws(TapestryError) -> NetworkRequest {
    var request = NetworkRequest(name: name, mode: mode, subnet: try Validation.subnet("172.\(second).0.0/16"))
    if mode == .clone {
      request.snapshot = SnapshotIdentity(
        address: IPv4Address(192, 168, 7, 2), subnet: try Validation.subnet("192.168.7.0/24"),
        mac: MACAddress(2, 0, 0, 0, 7, 2))
    }
    return request
  }
}
