import ArgumentParser
import Tapestry

struct PolicyShow: Command {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a VM, or the guests of a network, may reach.",
    discussion: "Prints rules in order of evaluation. As JSON: the attachment's policy and its network's policy.")

  @OptionGroup var target: PolicyTarget
  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    let engine = try common.listingEngine()
    if let vm = try target.vm.map(Validation.vmID) {
      let interface = try target.interface.map(Validation.interfaceID)
      let policies = try engine.policies(
        of: engine.attachments(vmID: vm).filter { interface == nil || interface == $0.interfaceID })
      guard !policies.isEmpty else {
        throw TapestryError(
          .attachmentNotFound, "VM '\(vm)' has no interface '\(target.interface ?? "")'. See 'tapestry ls'.")
      }
      format.show(policies)
    } else if let network = try target.network.map(Validation.networkName) {
      format.show([EffectivePolicy(network: try engine.network(named: network))])
    }
  }
}
