import NetTypes
import Tapestry

/// The arguments of `detach`, from ArgumentParser or `QuickCommand`.
struct DetachInvocation: Equatable {
  /// nil: all VMs.
  var vm: String?
  var interface: String?
  var network: String?
  var output = OutputOptions.Format.text
  var environment = CommandEnvironment()

  init(vm: String?) { self.vm = vm }

  func run() -> Int32 {
    reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let detached = try detach(environment.engine(asJSON: output == .json))
      switch output {
      case .json: Output.standardOutput(JSON(detached).text)
      case .text:
        Output.standardOutput(detached.map { "detached \($0.vmID)/\($0.interfaceID) (\($0.address))" })
      }
      return ExitStatus.done
    }
  }

  private func detach(_ engine: Engine) throws(TapestryError) -> [Attachment] {
    guard let vm else { return try engine.detachAll(network: network) }
    return try engine.detach(vmID: vm, interfaceID: interface)
  }
}
