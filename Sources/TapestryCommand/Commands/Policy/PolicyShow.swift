import ArgumentParser
import Tapestry

struct PolicyShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a VM, or the guests of a network, may reach.",
    discussion: "In the order in which it counts. As JSON: what the attachment says, and what its network says.")

  @OptionGroup var target: PolicyTarget
  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.listingEngine(asJSON: format.output == .json)
      if let vm = target.vm {
        var standings: [PolicyStanding] = []
        for attachment in try engine.attachments(vmID: vm)
        where target.interface == nil || target.interface == attachment.interfaceID {
          standings.append(PolicyStanding(attachment, try engine.network(named: attachment.network)))
        }
        guard !standings.isEmpty else {
          throw TapestryError(
            .attachmentNotFound, "'\(vm)' has no interface '\(target.interface ?? "")'. See 'tapestry ls'.")
        }
        format.show(standings)
      } else if let network = target.network {
        format.show([PolicyStanding(nil, try engine.network(named: network))])
      }
      return ExitStatus.done
    }
  }
}
