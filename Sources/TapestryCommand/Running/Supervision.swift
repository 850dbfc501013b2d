import Glibc
import Linux
import Tapestry

/// Attaches a VM, runs its VMM, and detaches the VM afterwards.
struct Supervision {
  let engine: Engine
  let request: AttachRequest
  let command: [String]
  let environment: CommandEnvironment
  let isReportingJSON: Bool

  /// Attaches, runs the VMM and detaches.
  /// - Returns: the VMM's exit status, or the shells' status for a command that could not be started.
  func run(_ signals: borrowing SignalRelay) throws(TapestryError) -> Int32 {
    let thisProcess = try identity()
    let attachment = try engine.attach(request)
    var holder = thisProcess
    let outcome = supervise(attachment, &holder, signals)
    // Detach in any case, but not an attachment that another process made after it removed this one.
    do throws(TapestryError) {
      try engine.detach(vmID: attachment.vmID, interfaceID: attachment.interfaceID, heldBy: holder)
    } catch {
      if case .failure(let first) = outcome { report(first, asJSON: isReportingJSON) }
      throw error
    }
    return try outcome.get()
  }

  private func supervise(
    _ attachment: Attachment, _ holder: inout ProcessIdentity, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(KernelError) {
      // A signal that arrived before there was a VMM to forward it to.
      if let signal = try signals.pendingTermination() { return .success(128 + signal) }
    } catch {
      return .failure(failure("\(error)"))
    }
    let arguments = command.map { attachment.filling($0) }
    environment.log("run \(arguments.joined(separator: " "))")
    do throws(StartFailure) {
      let orphans = try adoptOrphans()
      let initialCarrier = try carrier(of: attachment, holder)
      let child = try start(arguments, attachment, &holder)
      return watch(child, attachment, since: initialCarrier, &holder, orphans, signals)
    } catch {
      switch error {
      case .tapestry(let error): return .failure(error)
      case .command(let error):
        report(failure("\(error)"), asJSON: isReportingJSON)
        return .success(error.errno == .noSuchFile ? ExitStatus.notFound : ExitStatus.notExecutable)
      }
    }
  }

  /// Why the VMM did not start.
  private enum StartFailure: Error {
    /// An error of Tapestry.
    case tapestry(TapestryError)
    /// The command could not be executed.
    case command(KernelError)
  }

  /// Ties the attachment to the VMM before the VMM starts: whenever this process is killed, the lease names the process
  /// that needs the TAP.
  private func start(
    _ arguments: [String], _ attachment: Attachment, _ holder: inout ProcessIdentity
  ) throws(StartFailure) -> ChildProcess {
    let held: HeldProcess
    do throws(KernelError) { held = try HeldProcess(arguments) } catch { throw .command(error) }
    do throws(TapestryError) {
      holder = try engine.setProcess(vmID: attachment.vmID, interfaceID: attachment.interfaceID, pid: held.pid)
    } catch {
      throw .tapestry(error)
    }
    do throws(KernelError) { return try held.release() } catch { throw .command(error) }
  }

  private func adoptOrphans() throws(StartFailure) -> Orphans {
    do throws(KernelError) { return try Orphans() } catch { throw .tapestry(failure("\(error)")) }
  }

  private func carrier(of attachment: Attachment, _ holder: ProcessIdentity) throws(StartFailure) -> TapCarrier? {
    do throws(TapestryError) {
      return try engine.carrier(vmID: attachment.vmID, interfaceID: attachment.interfaceID, heldBy: holder)
    } catch {
      throw .tapestry(error)
    }
  }

  private func watch(
    _ child: consuming ChildProcess, _ attachment: Attachment, since initialCarrier: TapCarrier?,
    _ holder: inout ProcessIdentity, _ orphans: borrowing Orphans, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do throws(KernelError) {
      let termination = try signals.relay(to: child, reaping: orphans)
      environment.log("\(command[0]) (process \(child.pid)) ended: \(termination)")
      let unopenedCarrier = termination == .exited(0) ? initialCarrier : nil
      let signal = try waitForBackground(attachment, unopenedCarrier, &holder, orphans, signals)
      return .success(signal.map { 128 + $0 } ?? termination.status)
    } catch {
      return .failure(failure("\(error)"))
    }
  }

  /// Waits for a VMM that went into the background, as Firecracker's jailer makes it do. The attachment stays as long as
  /// a process has the TAP open; or, if none has opened it yet, as long as a process is left that may open it.
  /// - Parameter unopenedCarrier: The TAP's carrier before the VMM started; nil: do not wait for processes that have not
  ///   opened the TAP.
  /// - Returns: the signal that ended the wait.
  private func waitForBackground(
    _ attachment: Attachment, _ unopenedCarrier: TapCarrier?, _ holder: inout ProcessIdentity,
    _ orphans: borrowing Orphans,
    _ signals: borrowing SignalRelay
  ) throws(KernelError) -> Int32? {
    var isLogged = false
    while true {
      let hasOrphans = try orphans.reap()
      // Stop waiting if the carrier cannot be read.
      guard
        let carrier = try? engine.carrier(vmID: attachment.vmID, interfaceID: attachment.interfaceID, heldBy: holder),
        carrier.isOn || hasOrphans && carrier == unopenedCarrier
      else { return nil }
      if !isLogged {
        isLogged = true
        environment.log("\(attachment.vmID) runs in the background")
        // This process holds the lease until the VMM opens the TAP. If that cannot be stored, the earlier holder stays.
        holder =
          (try? engine.setProcess(vmID: attachment.vmID, interfaceID: attachment.interfaceID, pid: getpid())) ?? holder
      }
      if let signal = try signals.relay(to: orphans, within: Self.pollInterval) { return signal }
    }
  }

  private static let pollInterval = Duration.milliseconds(100)

  private func identity() throws(TapestryError) -> ProcessIdentity {
    do throws(KernelError) {
      if let thisProcess = try ProcessIdentity(running: getpid()) { return thisProcess }
      throw KernelError("read /proc/\(getpid())/stat", .noSuchFile)
    } catch {
      throw failure("\(error)", "run tapestry where /proc is mounted")
    }
  }

  private func failure(_ reason: String, _ advice: String? = nil) -> TapestryError {
    TapestryError(.runFailed, "Cannot run '\(command[0])': \(reason)" + (advice.map { "; \($0)" } ?? ""))
  }
}
