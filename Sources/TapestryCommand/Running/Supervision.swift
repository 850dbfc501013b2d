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
    var holder = try identity()
    let attachment = try engine.attach(request)
    let outcome = Result { () throws(TapestryError) in try supervise(attachment, &holder, signals) }
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
  ) throws(TapestryError) -> Int32 {
    let orphans: Orphans
    let arguments = command.map { attachment.filling($0) }
    do throws(KernelError) {
      // A signal that arrived before there was a VMM to forward it to.
      if let signal = try signals.pendingTermination() { return 128 + signal }
      environment.log("run \(arguments.joined(separator: " "))")
      orphans = try Orphans()
    } catch {
      throw failure("\(error)")
    }
    let initialCarrier = try engine.carrier(
      vmID: attachment.vmID, interfaceID: attachment.interfaceID, heldBy: holder)
    switch try start(arguments, attachment, &holder) {
    case .success(let child): return try watch(child, attachment, since: initialCarrier, &holder, orphans, signals)
    case .failure(let error):
      report(failure("\(error)"), asJSON: isReportingJSON)
      return error.errno == .noSuchFile ? ExitStatus.notFound : ExitStatus.notExecutable
    }
  }

  /// Ties the attachment to the VMM before the VMM starts: whenever this process is killed, the lease names the process
  /// that needs the TAP.
  /// - Returns: a failure if the command could not be executed.
  private func start(
    _ arguments: [String], _ attachment: Attachment, _ holder: inout ProcessIdentity
  ) throws(TapestryError) -> Result<ChildProcess, KernelError> {
    let held: HeldProcess
    do throws(KernelError) { held = try HeldProcess(arguments) } catch { return .failure(error) }
    holder = try engine.setProcess(vmID: attachment.vmID, interfaceID: attachment.interfaceID, pid: held.pid)
    do throws(KernelError) { return .success(try held.release()) } catch { return .failure(error) }
  }

  private func watch(
    _ child: consuming ChildProcess, _ attachment: Attachment, since initialCarrier: TapCarrier?,
    _ holder: inout ProcessIdentity, _ orphans: borrowing Orphans, _ signals: borrowing SignalRelay
  ) throws(TapestryError) -> Int32 {
    do throws(KernelError) {
      let termination = try signals.relay(to: child, reaping: orphans)
      environment.log("\(command[0]) (process \(child.pid)) ended: \(termination)")
      let unopenedCarrier = termination == .exited(0) ? initialCarrier : nil
      let signal = try waitForBackground(attachment, unopenedCarrier, &holder, orphans, signals)
      return signal.map { 128 + $0 } ?? termination.status
    } catch {
      throw failure("\(error)")
    }
  }

  /// Waits for a VMM that went into the background, as Firecracker's jailer makes it do. The attachment stays as long as
  /// a process has the TAP open; or, if none has opened it yet, as long as a process is left that may open it.
  /// - Parameter unopenedCarrier: The TAP's carrier before the VMM started; nil: do not wait for processes that have not
  ///   opened the TAP.
  /// - Returns: the signal that ended the wait.
  private func waitForBackground(
    _ attachment: Attachment, _ unopenedCarrier: TapCarrier?, _ holder: inout ProcessIdentity,
    _ orphans: borrowing Orphans, _ signals: borrowing SignalRelay
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
