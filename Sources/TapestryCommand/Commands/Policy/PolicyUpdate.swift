import ArgumentParser
import Tapestry

/// The common part of 'policy set', 'add' and 'remove': whose policy they change, and how they print the result.
struct PolicyUpdate: ParsableArguments {
  @OptionGroup var target: PolicyTarget

  @Flag(help: "Print the resulting policy and the connections that would end; change nothing.")
  var dryRun = false

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  /// Makes a change and prints the resulting policy.
  /// - Parameter limits: changes a VM's limits.
  func run(
    _ edit: () throws(TapestryError) -> PolicyEdit,
    limits: (inout AttachmentSettings) throws(TapestryError) -> Void = { _ in }
  ) throws {
    try format.execute { () throws(TapestryError) in
      let edit = try edit()
      let engine =
        dryRun ? try global.environment.readOnlyEngine() : try global.environment.engine(asJSON: format.output == .json)
      // Entries that no interface of the VM has.
      var absent: Set<String>?
      if let vm = target.vm {
        try update(engine, vm) { settings throws(TapestryError) in
          let missing = edit.apply(to: &settings.egress)
          absent = absent?.intersection(missing) ?? missing
          try limits(&settings)
        }
      } else if let network = target.network {
        try update(engine, network: network) { settings throws(TapestryError) in absent = edit.apply(to: &settings) }
      }
      format.warn((absent ?? []).sorted().map { "'\($0)' was not in the policy" })
      return ExitStatus.done
    }
  }

  private func update(
    _ engine: Engine, _ vm: String, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) {
    let preview =
      dryRun ? try engine.previewUpdate(vmID: vm, interfaceID: target.interface, change) : nil
    let attachments =
      if let preview { preview.changed } else { try engine.update(vmID: vm, interfaceID: target.interface, change) }
    let policies = try attachments.map { attachment throws(TapestryError) in
      EffectivePolicy(attachment, try engine.network(named: attachment.network))
    }
    for policy in policies { format.warn(policy.warnings) }
    if let preview { return format.show(policies, ending: preview.ending) }
    format.output == .json ? format.show(attachments) : format.show(policies)
  }

  private func update(
    _ engine: Engine, network name: String, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) {
    let preview = dryRun ? try engine.previewUpdate(network: name, change) : nil
    let network = if let preview { preview.changed } else { try engine.update(network: name, change) }
    let policy = EffectivePolicy(nil, network)
    format.warn(policy.warnings)
    if let preview { return format.show([policy], ending: preview.ending) }
    format.output == .json ? format.show(network) : format.show([policy])
  }
}
