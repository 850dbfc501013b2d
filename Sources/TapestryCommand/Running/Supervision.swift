import Glibc
import Linux
import Tapestry

/// A VMM's life from its attachment's beginning to its end.
struct Supervision {
  let engine: Engine
  let request: AttachRequest
  let command: [String]
  let environment: CommandEnvironment
  let isReportingJSON: Bool

  /// Attaches, runs the VMM and detaches.
  /// - Returns: the VMM's exit status, or what a shell says of a command that could not be started.
  func run(_ signals: borrowing SignalRelay) throws(TapestryError) -> Int32 {
    let ourselves = try ownIdentity()
    let made = try engine.attach(request)
    var holder = ourselves
    let outcome = supervise(made, &holder, signals)
    // Whatever became of the VMM, its attachment goes; not one that somebody else made after taking this one down.
    try engine.detach(vmID: made.vmID, interfaceID: made.interfaceID, heldBy: holder)
    return try outcome.get()
  }

  private func ownIdentity() throws(TapestryError) -> ProcessIdentity {
    do throws(SystemError) {
      if let found = try ProcessIdentity(running: getpid()) { return found }
    } catch {
      throw failure("\(error)")
    }
    throw failure("read /proc/\(getpid())/stat", "run tapestry where /proc is mounted")
  }

  private func supervise(
    _ made: Attachment, _ holder: inout ProcessIdentity, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(SystemError) {
      // One that came while there was no VMM to pass it on to.
      if let signal = try signals.endRequest() { return .success(128 + signal) }
    } catch {
      return .failure(failure("\(error)"))
    }
    let arguments = command.map { made.filling($0) }
    environment.tell("run \(arguments.joined(separator: " "))")
    do throws(SystemError) {
      return try watch(ChildProcess(arguments), made, &holder, signals)
    } catch {
      report(failure("\(error)"), asJSON: isReportingJSON)
      return .success(error.errno == .noSuchFile ? ExitStatus.notFound : ExitStatus.notExecutable)
    }
  }

  private func watch(
    _ child: consuming ChildProcess, _ made: Attachment, _ holder: inout ProcessIdentity,
    _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(TapestryError) {
      // From here on the attachment lives as long as the VMM, even when this process is killed.
      holder = try engine.setProcess(vmID: made.vmID, interfaceID: made.interfaceID, pid: child.pid)
    } catch {
      // A VMM that has ended already is no failure of ours.
      if error.code != .invalidProcess {
        try? child.kill(SIGTERM)
        _ = try? signals.relay(to: child)
        return .failure(error)
      }
    }
    do throws(SystemError) {
      let termination = try signals.relay(to: child)
      environment.tell("\(command[0]) (process \(child.pid)) ended: \(termination)")
      return .success(termination.status)
    } catch {
      return .failure(failure("\(error)"))
    }
  }

  private func failure(_ reason: String, _ advice: String? = nil) -> TapestryError {
    TapestryError(.runFailed, "Cannot run '\(command[0])': \(reason)" + (advice.map { "; \($0)" } ?? ""))
  }
}
