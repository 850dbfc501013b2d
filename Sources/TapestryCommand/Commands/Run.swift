import ArgumentParser
import Glibc
import Linux
import Tapestry

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Attach a VM, run its VMM, and detach when that ends, whatever way it ends.",
    discussion: """
      In the command these are filled in, and other braces left alone: {tapName} {mac} {guestIp} {prefixLength} \
      {gatewayIp} {subnetMask} {bootArgs} {mtu} {bridge} {vmId} {interfaceId} {network}.

        tapestry run web-1 -- qemu-system-x86_64 … -append '… {bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no \\
          -device virtio-net-pci,netdev=n0,mac={mac}

      The VMM has this command's environment, standard streams and terminal. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 \
      and SIGUSR2 are passed on to it. An interface that another running process holds, or whose TAP is open, is refused.

      A VMM may go into the background (Firecracker's jailer with --daemonize): this command goes on, and passes signals \
      on, until nobody has its TAP open any more. One that left the TAP closed counts as gone into the background where it \
      ended with 0 and left processes behind: they are waited for too.

      Exit status: the VMM's; 128 and the signal's number where a signal ended it; 127 where there is no such command, \
      126 where it cannot be started; 1 where the attachment could not be made or taken down.
      """)

  @OptionGroup var attachment: AttachOptions

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The VMM and its arguments, after '--'.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else { throw ValidationError("Name the command to run after '--'.") }
  }

  func run() throws {
    try format.execute(printsResult: false) { () throws(TapestryError) in
      let signals: SignalRelay
      // Before anything is made, so that no signal ends this process while something is.
      do throws(SystemError) { signals = try SignalRelay() } catch {
        throw TapestryError(.runFailed, "Cannot run '\(command[0])': \(error)")
      }
      var request = try attachment.invocation(global.environment, pid: getpid()).request()
      request.isExclusive = true
      let supervision = Supervision(
        engine: try global.environment.engine(), request: request, command: command, environment: global.environment,
        isReportingJSON: format.output == .json)
      return try supervision.run(signals)
    }
  }
}
