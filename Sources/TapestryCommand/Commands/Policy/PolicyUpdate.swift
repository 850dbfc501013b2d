import ArgumentParser
import Tapestry

/// What 'policy set', 'add' and 'remove' have in common: whose policy they change, and how they tell of it.
struct PolicyUpdate: ParsableArguments {
  @OptionGroup var target: PolicyTarget

  @Flag(help: "Print the policy as it would be, and the connections that would end; change nothing.")
  var dryRun = false

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  /// Carries a change out, and prints the policy that is in force then.
  /// - Parameter limits: what becomes of a VM's limits.
  func run(
    _ edit: () throws(TapestryError) -> PolicyEdit,
    limits: (inout AttachmentSettings) throws(TapestryError) -> Void = { _ in }
  ) throws {
    try format.execute { () throws(TapestryError) in
      let edit = try edit()
      let engine = dryRun ? try global.environment.lookingEngine() : try global.environment.engine()
      // In none of the VM's interfaces.
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
      format.warn((absent ?? []).sorted().map { "'\($0)' was not there to be removed" })
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
    let standings = try attachments.map { attachment throws(TapestryError) in
      PolicyStanding(attachment, try engine.network(named: attachment.network))
    }
    for standing in standings { format.warn(standing.warnings) }
    if let preview { return format.show(standings, ending: preview.ending) }
    format.output == .json ? format.show(attachments) : format.show(standings)
  }

  private func update(
    _ engine: Engine, network name: String, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) {
    let preview = dryRun ? try engine.previewUpdate(network: name, change) : nil
    let network = if let preview { preview.changed } else { try engine.update(network: name, change) }
    let standing = PolicyStanding(nil, network)
    format.warn(standing.warnings)
    if let preview { return format.show([standing], ending: preview.ending) }
    format.output == .json ? format.show(network) : format.show([standing])
  }
}
