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

  /// - Parameter selection: which VMs, by their settings, if it does not name one.
  func run(selecting selection: () throws(TapestryError) -> Selection = { { _ in true } }) -> Int32 {
    reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let detached = try detach(environment.engine(asJSON: output == .json), selection())
      output.show(detached, text: detached.map { "detached \($0.vmID)/\($0.interfaceID) (\($0.address))" })
      return ExitStatus.done
    }
  }

  typealias Selection = (AttachmentSettings) -> Bool

  private func detach(_ engine: Engine, _ isSelected: Selection) throws(TapestryError) -> [Attachment] {
    guard let vm else { return try engine.detachAll(network: network.map(Validation.networkName), where: isSelected) }
    return try engine.detach(vmID: Validation.vmID(vm), interfaceID: interface.map(Validation.interfaceID))
  }
}
