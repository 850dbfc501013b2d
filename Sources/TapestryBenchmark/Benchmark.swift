import Glibc
import NetTypes
package import Tapestry

/// Measures attach and detach, and in the same run the minimum time that the kernel takes for them, in a separate
/// network namespace.
package struct Benchmark {
  package var mode = Network.Mode.bridge
  package var guests = 100
  package var parts: Set<Part> = Set(Part.allCases)
  /// The program to measure.
  package var program = "/proc/self/exe"
  /// A program that does nothing: the baseline for the commands.
  package var idleProgram: String?
  /// Called with the progress: the name of the step, the count done, the total. An error that it throws ends the
  /// benchmark.
  package var progress: (String, Int, Int) throws(TapestryError) -> Void = { _, _, _ in }

  package enum Part: String, CaseIterable, Sendable {
    case library, commands, components, clones, packets
  }

  package init() {}

  /// Moves the calling thread into a new namespace permanently. The thread must be the process's only one, or one that
  /// resumes no task.
  /// - Throws: `NOT_PERMITTED`; the errors of an attach.
  package func run() throws(TapestryError) -> Report {
    do { return try measure() } catch let error as TapestryError { throw error } catch {
      throw TapestryError(.kernelRefused, "The benchmark failed: \(error)")
    }
  }

  private func measure() throws -> Report {
    let sandbox = try Sandbox()
    defer { sandbox.remove() }
    var report = Report(mode: mode, guests: guests)
    let testbed = try Testbed(mode: mode, statePath: sandbox.statePath)
    for part in Part.allCases where parts.contains(part) {
      switch part {
      case .library: report.sections += try measureLibrary(testbed)
      case .commands: report.sections.append(try measureCommands(testbed))
      case .components: report.sections.append(try measureComponents(testbed, sandbox.directory))
      case .clones: if mode == .clone { report.sections.append(try measureClones(testbed)) }
      // Last: the kernel removes what it leaves.
      case .packets: report.sections += try measurePackets(sandbox.directory)
      }
    }
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    report.peakMemory = usage.ru_maxrss << 10
    return report
  }
}

/// A host with a network for guests, and one for the TAPs of the floor.
struct Testbed {
  let engine: Engine
  let statePath: String
  let network: Network
  let floor: Floor

  /// Sets up the testbed in the calling thread's namespace.
  init(mode: Network.Mode, statePath: String) throws {
    self.statePath = statePath
    engine = try Engine(NetworkManager.Options(statePath: statePath), isLongLived: true)
    network = try engine.createNetwork(.benchmark(Identifier(known: "bench"), mode, second: 16))
    floor = try Floor(try engine.createNetwork(.benchmark(Identifier(known: "floor"), mode, second: 24)))
  }

  func request(_ number: Int) throws -> AttachRequest {
    AttachRequest(vmID: try Validation.vmID("vm-\(number)"), network: network.name)
  }
}

extension NetworkRequest {
  /// - Parameter second: The second octet of the subnet: 172.second.0.0/16, for up to 65,000 guests.
  fileprivate static func benchmark(_ name: Identifier, _ mode: Network.Mode, second: UInt8) -> NetworkRequest {
    let snapshot = SnapshotIdentity(
      address: IPv4Address(192, 168, 7, 2),
      subnet: IPv4Subnet(known: IPv4Address(192, 168, 7, 0), prefixLength: 24), mac: MACAddress(2, 0, 0, 0, 7, 2))
    return NetworkRequest(
      name: name, mode: mode, subnet: IPv4Subnet(known: IPv4Address(172, second, 0, 0), prefixLength: 16),
      snapshot: mode == .clone ? snapshot : nil)
  }
}
