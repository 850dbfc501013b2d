import ArgumentParser
import Glibc
import Linux
import NetTypes
import Tapestry

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Attach, run the VMM, and detach when it ends, whatever way it ends.",
    discussion: """
      In the command, {tapName} {mac} {guestIp} {gatewayIp} {subnetMask} {prefixLength} {mtu} {bridge} {bootArgs} \
      {vmId} {interfaceId} and {network} are filled in; anything else in braces is left alone. Signals are passed on \
      to the VMM, and its exit status is given back (128 and the signal's number when a signal ended it; 127 when it \
      could not be started).

        tapestry run web-1 -- qemu-system-x86_64 … -append '{bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no -device virtio-net-pci,netdev=n0,mac={mac}
      """)

  @OptionGroup var attachment: AttachOptions
  @OptionGroup var global: GlobalOptions

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The VMM and its arguments, after '--'.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else { throw ValidationError("Name the command to run after '--'.") }
  }

  func run() throws {
    let status = reportingErrors(asJSON: false) { () throws(TapestryError) in
      let signals: SignalRelay
      // Before anything is made, so that no signal ends this process while something is.
      do throws(SystemError) { signals = try SignalRelay() } catch {
        throw TapestryError(.runFailed, "Failed to run \(command[0]): \(error)")
      }
      return try attachAndSupervise(signals)
    }
    if status != ExitStatus.done { throw ExitCode(status) }
  }

  private func attachAndSupervise(_ signals: consuming SignalRelay) throws(TapestryError) -> Int32 {
    let engine = try global.environment.engine()
    let made = try engine.attach(try attachment.invocation(global.environment, pid: getpid()).request())
    let outcome = supervise(made, engine, signals)
    // Whatever became of the VMM, the attachment goes.
    _ = try engine.detach(vmID: made.vmID, interfaceID: made.interfaceID)
    return try outcome.get()
  }

  private func supervise(
    _ made: Attachment, _ engine: Engine, _ signals: borrowing SignalRelay
  ) -> Result<Int32, TapestryError> {
    do {
      if let signal = try signals.endRequest() { return .success(128 + signal) }
      return try watch(start(made), made, engine, signals)
    } catch is NotStarted {
      return .success(ExitStatus.notFound)
    } catch {
      return .failure(TapestryError(.runFailed, "Failed to watch over \(command[0]): \(error)"))
    }
  }

  private struct NotStarted: Error {}

  private func start(_ made: Attachment) throws -> ChildProcess {
    do throws(SystemError) { return try ChildProcess(command.map { made.filling($0) }) } catch {
      Output.standardError("error: \(error)")
      throw NotStarted()
    }
  }

  private func watch(
    _ child: consuming ChildProcess, _ made: Attachment, _ engine: Engine, _ signals: borrowing SignalRelay
  ) throws(SystemError) -> Result<Int32, TapestryError> {
    do throws(TapestryError) {
      // From here on the attachment lives as long as the VMM, even when this process is killed.
      try engine.setProcess(vmID: made.vmID, interfaceID: made.interfaceID, pid: child.pid)
    } catch {
      // A VMM that has ended already is no failure of ours.
      if error.code != .invalidProcess {
        try child.kill(SIGTERM)
        _ = try signals.relay(to: child)
        return .failure(error)
      }
    }
    return .success(try signals.relay(to: child).status)
  }
}

extension Attachment {
  /// `text` with every `{field}` replaced by the field's value.
  fileprivate func filling(_ text: String) -> String {
    guard text.contains("{") else { return text }
    let values = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
    var filled = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      filled += rest[..<open]
      rest = rest[open...]
      if let close = rest.firstIndex(of: "}"), let value = values[String(rest[rest.index(after: open)..<close])] {
        filled += value
        rest = rest[rest.index(after: close)...]
      } else {
        filled.append(rest.removeFirst())
      }
    }
    return filled + rest
  }
}
