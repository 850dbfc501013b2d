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
      let orphans = try adoptOrphans()
      let earlier = try carrier(of: made, holder)
      let child = try begin(arguments, made, &holder)
      return watch(child, made, since: earlier, &holder, orphans, signals)
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

  private func adoptOrphans() throws(Refusal) -> Orphans {
    do throws(SystemError) { return try Orphans() } catch { throw .ours(failure("\(error)")) }
  }

  private func carrier(of made: Attachment, _ holder: ProcessIdentity) throws(Refusal) -> TapCarrier? {
    do throws(TapestryError) {
      return try engine.carrier(vmID: made.vmID, interfaceID: made.interfaceID, heldBy: holder)
    } catch {
      throw .ours(error)
    }
  }

  private func watch(
    _ child: consuming ChildProcess, _ made: Attachment, since earlier: TapCarrier?, _ holder: inout ProcessIdentity,
    _ orphans: borrowing Orphans, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(SystemError) {
      let termination = try signals.relay(to: child, reaping: orphans)
      environment.tell("\(command[0]) (process \(child.pid)) ended: \(termination)")
      let mayBegin = termination == .exited(0) ? earlier : nil
      let signal = try outlast(made, mayBegin, &holder, orphans, signals)
      return .success(signal.map { 128 + $0 } ?? termination.status)
    } catch {
      return .failure(failure("\(error)"))
    }
  }

  /// A VMM may go into the background, as Firecracker's jailer has it do: its network stays as long as somebody has its TAP
  /// open; or, where nobody has had it yet, as long as somebody is left who may open it.
  /// - Parameter earlier: The TAP's carrier before the VMM began; nil where what it left behind is not to be waited for.
  /// - Returns: the signal that ended this.
  private func outlast(
    _ made: Attachment, _ earlier: TapCarrier?, _ holder: inout ProcessIdentity, _ orphans: borrowing Orphans,
    _ signals: borrowing SignalRelay
  ) throws(SystemError) -> Int32? {
    var isTold = false
    while true {
      let hasOrphans = try orphans.reap()
      // What cannot be looked at is not waited for.
      guard let carrier = try? engine.carrier(vmID: made.vmID, interfaceID: made.interfaceID, heldBy: holder),
        carrier.isOn || hasOrphans && carrier == earlier
      else { return nil }
      if !isTold {
        isTold = true
        environment.tell("\(made.vmID) goes on in the background")
        // Until it has the TAP open this process stands for it. Where that cannot be written down, the one before does.
        holder =
          (try? engine.setProcess(vmID: made.vmID, interfaceID: made.interfaceID, pid: getpid())) ?? holder
      }
      if let signal = try signals.relay(to: orphans, within: Self.moment) { return signal }
    }
  }

  private static let moment = Duration.milliseconds(100)

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
