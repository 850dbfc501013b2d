import ArgumentParser
import Glibc
import Linux
import Tapestry

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Attach a VM, run its VMM, and detach when the VMM ends, however it ends.",
    discussion: """
      Replaces these placeholders in the command, and no other braces: {tapName} {mac} {guestIp} {prefixLength} \
      {gatewayIp} {subnetMask} {bootArgs} {mtu} {bridge} {vmId} {interfaceId} {network}.

        tapestry run web-1 -- qemu-system-x86_64 … -append '… {bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no \\
          -device virtio-net-pci,netdev=n0,mac={mac}

      The VMM inherits this command's environment, standard streams and terminal. SIGINT, SIGTERM, SIGHUP, SIGQUIT, \
      SIGUSR1 and SIGUSR2 are forwarded to it. An interface is refused if another running process holds it or its TAP \
      is open.

      If the VMM goes into the background (Firecracker's jailer with --daemonize), this command keeps running and \
      forwards signals until no process has the TAP open. A VMM that did not open the TAP counts as gone into the \
      background if it exited with 0 and left processes behind: this command waits for those too.

      Exit status: the VMM's; 128 plus the signal number if a signal ended it; 127 if the command does not exist, 126 \
      if it cannot be started; 1 if the attachment could not be created or removed.
      """)

  @OptionGroup var attachment: AttachOptions

  @OptionGroup var common: CommonOptions

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The VMM and its arguments, after '--'.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else { throw ValidationError("Name the command to run after '--'.") }
  }

  func run() throws {
    try common.format.execute(printsResult: false) { () throws(TapestryError) in
      let signals: SignalRelay
      // Block signals before creating anything, so that none ends this process while something exists.
      do throws(KernelError) { signals = try SignalRelay() } catch {
        throw TapestryError(.runFailed, "Cannot run '\(command[0])': \(error)")
      }
      let environment = common.global.environment
      var request = try attachment.invocation(environment, pid: getpid()).request()
      request.isExclusive = true
      let supervision = Supervision(
        engine: try common.engine(), request: request, command: command, environment: environment,
        isReportingJSON: common.format.output == .json)
      return try supervision.run(signals)
    }
  }
}
