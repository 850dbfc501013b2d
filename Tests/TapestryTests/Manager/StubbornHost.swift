import Linux
import NetTypes

@testable import Tapestry

/// A host where some steps are refused. It remembers what it was asked for.
final class StubbornHost: Host {
  var observed = Observed()
  var refuses: (Step) -> Bool = { _ in false }
  var forgetting: [TapestryError] = []
  /// Called before the host is looked at.
  var willLook: (StubbornHost) -> Void = { _ in }
  var applied: [Step] = []

  let namespace = NetworkNamespace.Identity(device: 1, inode: 1)
  var state: StateMark?
  func stateMark() -> StateMark? {
    willLook(self)
    return observed.stateMark
  }

  func requirePermission() {}
  func observe() -> Observation {
    willLook(self)
    return Observation(observed: observed, generation: 1)
  }
  func addresses() -> HostAddresses { HostAddresses(observed) }
  func isInPlace(_ guest: Desired.Guest) -> Bool { false }
  func requirePublishable(_ ports: [PublishedPort]) {}
  func serve(_ network: Identifier, _ service: NameService?) {}
  func forgetNameServer(_ network: Identifier) {}
  func carrier(of tapName: InterfaceName, marked mark: OwnerMark) -> TapCarrier? {
    observed.links[tapName.rawValue].map { TapCarrier(isOn: $0.isOpen, arrivals: 0) }
  }
  func renew(_ guest: Desired.Guest) {}
  func learnt(_ domains: Set<DomainSet>) -> [DomainSet: Set<IPAddress>] { [:] }
  func flows(_ isWanted: (Flow) -> Bool) -> [Flow] { [] }
  func end(_ isUnwanted: (Flow) -> Bool) -> [Flow] { [] }
  func forget(_ guests: [Desired.Guest]) -> [TapestryError] { guests.isEmpty ? [] : forgetting }

  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure] {
    plan.carryOut { run in
      run.compactMap { item in
        guard refuses(item.step) else {
          applied.append(item.step)
          return nil
        }
        return HostFailure(item: item, error: .refusal("\(item.step)"), kind: .refused)
      }
    }
  }
}

extension TapestryError {
  static func refusal(_ what: String) -> TapestryError {
    TapestryError(.kernelRefused, "The kernel refused to \(what): EBUSY")
  }
}
