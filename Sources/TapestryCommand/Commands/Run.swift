import ArgumentParser
import Glibc
import Linux
import Tapestry

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Attach, run the VMM, and detach when it ends, whatever way it ends.",
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

  func run() async throws {
    try await reportingErrors(asJSON: false) {
      let signals = SignalRelay()
      let manager = try global.manager()
      let made = try await manager.attach(try attachment.request(pid: getpid()))
      let status: Int32
      do {
        status = try await supervise(made, manager, signals)
      } catch {
        try await manager.detach(vmID: made.vmID, interfaceID: made.interfaceID)
        throw error
      }
      try await manager.detach(vmID: made.vmID, interfaceID: made.interfaceID)
      guard status == 0 else { throw ExitCode(status) }
    }
  }

  /// Runs the VMM to its end; 127 when it cannot be started, as shells say.
  private func supervise(
    _ made: Attachment, _ manager: NetworkManager, _ signals: SignalRelay
  ) async throws -> Int32 {
    let child: ChildProcess
    do throws(SystemError) {
      child = try ChildProcess(command.map { made.filling($0) })
    } catch {
      Output.standardError("error: \(error)")
      return 127
    }
    // From here on the attachment lives as long as the VMM, even when this process is killed.
    try await manager.setProcess(vmID: made.vmID, interfaceID: made.interfaceID, pid: child.pid)
    return try signals.relay(to: child)
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
