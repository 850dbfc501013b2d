import ArgumentParser
import Tapestry

struct PolicyShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a VM, or the guests of a network, may reach.",
    discussion: "Prints rules in order of evaluation. As JSON: the attachment's policy and its network's policy.")

  @OptionGroup var target: PolicyTarget
  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.listingEngine(asJSON: format.output == .json)
      if let vm = try target.vm.map(Validation.vmID) {
        let interface = try target.interface.map(Validation.interfaceID)
        var policies: [EffectivePolicy] = []
        for attachment in try engine.attachments(vmID: vm)
        where interface == nil || interface == attachment.interfaceID {
          policies.append(EffectivePolicy(attachment, try engine.network(named: attachment.network)))
        }
        guard !policies.isEmpty else {
          throw TapestryError(
            .attachmentNotFound, "VM '\(vm)' has no interface '\(target.interface ?? "")'. See 'tapestry ls'.")
        }
        format.show(policies)
      } else if let network = try target.network.map(Validation.networkName) {
        format.show([EffectivePolicy(nil, try engine.network(named: network))])
      }
      return ExitStatus.done
    }
  }
}
