import ArgumentParser

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Attach a VM to a network: create its TAP, print the settings for the VMM and the guest.",
    discussion: """
      Pass the TAP name and the MAC to the VMM, and the boot arguments to the guest kernel. Running this again for the \
      same VM and interface, with the same options or none, returns the same attachment. 'detach' ends it. After the \
      process given with --pid exits, the next 'tapestry gc' removes the attachment. Until then the VM can be attached \
      again unchanged, or with other options, which then replace all earlier ones.

        tapestry attach web-1 -o json | jq -r .tapName
        eval "$(tapestry attach web-1 -o env)" && echo "$TAPESTRY_TAP_NAME"
        qemu-system-x86_64 … $(tapestry attach web-1 -o qemu)
      """)

  @OptionGroup var attachment: AttachOptions

  @Option(
    help: ArgumentHelp(
      "The VMM's process id. After this process exits, 'tapestry gc' removes the attachment.", valueName: "pid"))
  var pid: Int32?

  @Flag(help: "Print the resulting attachment and every step; change nothing.")
  var dryRun = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Output format for the attachment.", valueName: "format"))
  var output: AttachmentFormat = .text

  @OptionGroup var global: GlobalOptions

  var invocation: AttachInvocation {
    var invocation = attachment.invocation(global.environment, pid: pid)
    invocation.isDryRun = dryRun
    invocation.output = output
    return invocation
  }

  func run() throws {
    let status = invocation.run()
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}
