import ArgumentParser

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Plug a VM into a network: make its TAP, print what VMM and guest need.",
    discussion: """
      Give the VMM the TAP's name and the MAC, and the guest's kernel the boot arguments. The same VM and interface get \
      the same attachment back, however often this is run with the same options, or without; 'detach' ends it. When the \
      process named with --pid has ended, the next 'tapestry gc' takes it down. Until then it can be attached again as \
      it was, or with other options, which then are all that it has.

        tapestry attach web-1 -o json | jq -r .tapName
        eval "$(tapestry attach web-1 -o env)" && echo "$TAPESTRY_TAP_NAME"
        qemu-system-x86_64 … $(tapestry attach web-1 -o qemu)
      """)

  @OptionGroup var attachment: AttachOptions

  @Option(help: ArgumentHelp("The process whose end ends the attachment: the VMM.", valueName: "pid"))
  var pid: Int32?

  @Flag(help: "Print the attachment as it would be, and every step to it; change nothing.")
  var dryRun = false

  @Option(name: .shortAndLong, help: ArgumentHelp("How to print the attachment.", valueName: "format"))
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
