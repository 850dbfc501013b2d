import ArgumentParser
import Tapestry

struct Attach: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plug a VM into a network: make its TAP, and print what the VM needs to know.",
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

  func run() async throws {
    try await reportingErrors(asJSON: output == .json) {
      let request = try attachment.request(pid: pid)
      let manager = try global.manager()
      if dryRun {
        try show(try await manager.previewAttach(request))
      } else {
        try output.lines(try await manager.attach(request)).forEach(Output.standardOutput)
      }
    }
  }

  private func show(_ preview: AttachPreview) throws {
    guard output == .text else {
      return Output.standardOutput(output == .json ? try JSON.line(preview) : try output.text(preview.attachment))
    }
    Output.standardOutput(try output.text(preview.attachment))
    Output.standardOutput("plan")
    for step in preview.plan { Output.standardOutput("  \(step)") }
  }
}

extension AttachmentFormat {
  fileprivate func text(_ attachment: Attachment) throws -> String {
    try lines(attachment).joined(separator: "\n")
  }
}
