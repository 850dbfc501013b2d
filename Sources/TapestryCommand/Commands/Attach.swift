import ArgumentParser

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Plug a VM into a network: make its TAP, and print what the VM needs to know.",
    discussion: """
      The same VM and interface get the same attachment back. Give the guest the printed boot arguments on its kernel \
      command line, and the VMM the TAP's name and the MAC.

      Formats: text; json; env (shell assignments, for eval); boot-args (the ip= parameter alone); firecracker (an \
      entry of network-interfaces); qemu (-netdev and -device).
      """)

  @OptionGroup var attachment: AttachOptions
  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("The process whose end ends the attachment: the VMM's.", valueName: "pid"))
  var pid: Int32?

  @Flag(help: "Print the attachment and the plan; change nothing.")
  var dryRun = false

  @Option(name: .shortAndLong, help: "How to print: text, json, env, boot-args, firecracker or qemu.")
  var output: AttachmentFormat = .text

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
