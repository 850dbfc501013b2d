import ArgumentParser
import Tapestry

/// The common part of 'policy set', 'add' and 'remove': whose policy they change, and how they print the result.
struct PolicyUpdate: ParsableArguments {
  @OptionGroup var target: PolicyTarget

  @Flag(help: "Print the resulting policy and the connections that would end; change nothing.")
  var dryRun = false

  @OptionGroup var common: CommonOptions

  /// Makes a change and prints the resulting policy.
  /// - Parameter limits: changes a VM's limits.
  func run(
    _ edit: @autoclosure () throws(TapestryError) -> PolicyEdit,
    limits: (inout AttachmentSettings) throws(TapestryError) -> Void = { _ in }
  ) throws {
    try format.execute { () throws(TapestryError) in
      let edit = try edit()
      let engine = try dryRun ? common.readOnlyEngine() : common.engine()
      // Entries that no interface of the VM has.
      var absent: Set<String>?
      if let vm = try target.vm.map(Validation.vmID) {
        try update(engine, vm) { settings throws(TapestryError) in
          let missing = edit.apply(to: &settings.egress)
          absent = absent?.intersection(missing) ?? missing
          try limits(&settings)
        }
      } else if let network = try target.network.map(Validation.networkName) {
        try update(engine, network: network) { settings throws(TapestryError) in absent = edit.apply(to: &settings) }
      }
      format.warn((absent ?? []).sorted().map { "'\($0)' was not in the policy" })
      return ExitStatus.done
    }
  }

  private var format: OutputOptions { common.format }

  private func update(
    _ engine: Engine, _ vm: Identifier, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) {
    let interface = try target.interface.map(Validation.interfaceID)
    let preview = dryRun ? try engine.previewUpdate(vmID: vm, interfaceID: interface, change) : nil
    let attachments =
      if let preview { preview.changed } else { try engine.update(vmID: vm, interfaceID: interface, change) }
    let policies = try engine.policies(of: attachments)
    for policy in policies { format.warn(policy.warnings) }
    if let preview { return format.show(policies, ending: preview.ending) }
    format.output == .json ? format.show(attachments) : format.show(policies)
  }

  private func update(
    _ engine: Engine, network name: Identifier, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) {
    let preview = dryRun ? try engine.previewUpdate(network: name, change) : nil
    let network = if let preview { preview.changed } else { try engine.update(network: name, change) }
    let policy = EffectivePolicy(network: network)
    format.warn(policy.warnings)
    if let preview { return format.show([policy], ending: preview.ending) }
    format.output == .json ? format.show(network) : format.show([policy])
  }
}
