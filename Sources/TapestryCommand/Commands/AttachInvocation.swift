import NetTypes
import Tapestry

/// The arguments of `attach`, from ArgumentParser or `QuickCommand`.
struct AttachInvocation: Equatable {
  var vm: String
  var network = "default"
  var interface = "eth0"
  var ip: String?
  var mac: String?
  var settings = SettingsArguments()
  var pid: Int32?
  var isDryRun = false
  var output = AttachmentFormat.text
  var environment = CommandEnvironment()

  func run() -> Int32 {
    let status = reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let request = try request()
      if isDryRun {
        let engine = try environment.readOnlyEngine()
        let preview = try engine.previewAttach(request)
        try warn(of: preview.attachment, engine)
        show(preview)
      } else {
        let engine = try environment.engine(asJSON: output == .json)
        let attachment = try engine.attach(request)
        try warn(of: attachment, engine)
        Output.standardOutput(output.lines(attachment))
      }
      return ExitStatus.done
    }
    if status != ExitStatus.done, output == .env { Output.standardOutput(AttachmentFormat.failedAssignments) }
    return status
  }

  func request() throws(TapestryError) -> AttachRequest {
    AttachRequest(
      vmID: try Validation.vmID(vm), interfaceID: try Validation.interfaceID(interface),
      network: try Validation.networkName(network),
      ip: try ip.map { text throws(TapestryError) in try Validation.address(text, field: "--ip") },
      mac: try mac.map(Validation.mac), pid: pid, settings: try settings.settings())
  }

  private func warn(of attachment: Attachment, _ engine: Engine) throws(TapestryError) {
    guard !settings.egress.lists.isEmpty else { return }
    let policy = EffectivePolicy(attachment: attachment, network: try engine.network(named: attachment.network))
    printWarnings(policy.warnings, asJSON: output == .json)
  }

  private func show(_ preview: AttachPreview) {
    if output == .json { return Output.standardOutput(JSON(preview).text) }
    Output.standardOutput(output.lines(preview.attachment))
    guard output == .text else { return }
    Output.standardOutput(["plan"] + preview.plan.map { "  \($0)" })
  }
}
