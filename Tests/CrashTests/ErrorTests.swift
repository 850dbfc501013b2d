import TestKit
import Testing

/// Every system call may fail: the command then says why, and leaves nothing half-made.
@Suite("Errors from the kernel", .needsKernel, .serialized)
struct ErrorTests {
  /// Runs of a sample.
  private static let sampleSize = 4

  /// What each call is made to answer.
  private static let errors: [String: [String]] = {
    let sockets = ["ENOMEM", "EBUSY", "ENOBUFS", "EINTR", "EPERM"]
    let files = ["ENOSPC", "EIO"]
    var errors: [String: [String]] = [:]
    for call in ["sendmsg", "recvmsg", "socket", "bind", "ioctl", "setsockopt"] { errors[call] = sockets }
    for call in ["pwrite64", "fsync", "fdatasync", "ftruncate"] { errors[call] = files }
    errors["openat"] = files + ["EMFILE", "EINTR"]
    errors["write"] = files + ["EINTR"]
    errors["pread64"] = ["EIO"]
    errors["read"] = ["EIO", "EINTR"]
    // Of those that are shared. Memory of the runtime's own that is not to be had ends the process.
    errors["mmap"] = ["ENOMEM"]
    errors["fcntl"] = ["ENOLCK", "EINTR"]
    errors["mkdir"] = ["ENOSPC"]
    errors["flock"] = ["EINTR", "ENOLCK"]
    return errors
  }()

  @Test(
    "whatever system call fails, once or from there on, ends in success or in an error that names the cause",
    arguments: Scenario.chosen)
  func failing(scenario: Scenario) async throws {
    let reference = try await Reference.of(scenario)
    let faults = Self.faults(reference.trace)
    #expect(faults.count > 100)
    var generator = SeededGenerator(seed: Settings.seed)
    let chosen =
      Settings.triesAll
      ? faults
      : CallTrace.spread(Settings.sampleSize ?? Self.sampleSize, over: faults.indices, &generator).map { faults[$0] }
    try await Campaign(fault: "error", scenario: scenario, population: faults.count).run(chosen) { fault, rig in
      try await Trial(scenario: scenario, reference: reference, fault: fault, rig: rig).fail()
    }
  }

  /// Each call of the program's own, that is, not of the loader's and the runtime's before it, with each of its errors.
  private static func faults(_ trace: CallTrace) -> [Fault] {
    trace.points[trace.ownStart...].filter { $0.call != "mmap" || $0.isSharedMapping }.flatMap { point in
      errors[point.call, default: []].flatMap { name in
        [Fault(kind: .error(name), point: point), Fault(kind: .errorFromHereOn(name), point: point)]
      }
    }
  }
}
