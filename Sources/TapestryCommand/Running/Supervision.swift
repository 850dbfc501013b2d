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
    let ourselves = try identity()
    let made = try engine.attach(request)
    var holder = ourselves
    let outcome = supervise(made, &holder, signals)
    // Whatever became of the VMM, its attachment goes; not one that somebody else made after taking this one down.
    do throws(TapestryError) {
      try engine.detach(vmID: made.vmID, interfaceID: made.interfaceID, heldBy: holder)
    } catch {
      if case .failure(let first) = outcome { report(first, asJSON: isReportingJSON) }
      throw error
    }
    return try outcome.get()
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
    do throws(Refusal) {
      let child = try begin(arguments, made, &holder)
      return watch(child, signals)
    } catch {
      switch error {
      case .ours(let error): return .failure(error)
      case .theirs(let error):
        report(failure("\(error)"), asJSON: isReportingJSON)
        return .success(error.errno == .noSuchFile ? ExitStatus.notFound : ExitStatus.notExecutable)
      }
    }
  }

  /// Why there is no VMM.
  private enum Refusal: Error {
    case ours(TapestryError)
    case theirs(SystemError)
  }

  /// Ties the attachment to the VMM before that begins: whenever this process is killed, the lease names whoever needs
  /// the TAP.
  private func begin(
    _ arguments: [String], _ made: Attachment, _ holder: inout ProcessIdentity
  ) throws(Refusal) -> ChildProcess {
    let held: HeldProcess
    do throws(SystemError) { held = try HeldProcess(arguments) } catch { throw .theirs(error) }
    do throws(TapestryError) {
      holder = try engine.setProcess(vmID: made.vmID, interfaceID: made.interfaceID, pid: held.pid)
    } catch {
      throw .ours(error)
    }
    do throws(SystemError) { return try held.release() } catch { throw .theirs(error) }
  }

  private func watch(
    _ child: consuming ChildProcess, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(SystemError) {
      let termination = try signals.relay(to: child)
      environment.tell("\(command[0]) (process \(child.pid)) ended: \(termination)")
      return .success(termination.status)
    } catch {
      return .failure(failure("\(error)"))
    }
  }

  private func identity() throws(TapestryError) -> ProcessIdentity {
    do throws(SystemError) {
      if let ourselves = try ProcessIdentity(running: getpid()) { return ourselves }
      throw SystemError("read /proc/\(getpid())/stat", .noSuchFile)
    } catch {
      throw failure("\(error)", "run tapestry where /proc is mounted")
    }
  }

  private func failure(_ reason: String, _ advice: String? = nil) -> TapestryError {
    TapestryError(.runFailed, "Cannot run '\(command[0])': \(reason)" + (advice.map { "; \($0)" } ?? ""))
  }
}
