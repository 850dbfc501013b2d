import Linux
import NFTables
import NetTypes

/// The kernel's state in the network namespace of the thread that creates this: rtnetlink, nf_tables, TUN/TAP, sysctls.
final class LinuxHost: Host {
  let links: LinkDriver
  let ruleset: RulesetDriver
  let firewalls: FirewallDriver
  let names: NameServerDriver
  private let connections = ConnectionDriver()
  let namespace: NetworkNamespace.Identity
  /// Whether the kernel has confirmed the permission.
  private var isPermitted = false
  private let log: (Step) -> Void

  var state: StateMark? {
    get { ruleset.state }
    set { ruleset.state = newValue }
  }

  /// - Parameter statePath: The state file, beside which the files of name servers are; nil if the host has no name
  ///   servers.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_UNSUPPORTED`.
  init(statePath: String? = nil, log: @escaping (Step) -> Void = { _ in }) throws(TapestryError) {
    do throws(KernelError) {
      links = try LinkDriver()
      ruleset = try RulesetDriver()
      namespace = try NetworkNamespace.current().identity()
    } catch {
      throw TapestryError(error)
    }
    firewalls = FirewallDriver(ruleset)
    names = NameServerDriver(statePath: statePath, links)
    self.log = log
  }

  static func bootID() throws(TapestryError) -> String { try TapestryError.translating(Kernel.bootID()) }

  /// Every nf_tables request needs CAP_NET_ADMIN in the namespace, as a change does. This is the smallest request.
  func requirePermission() throws(TapestryError) {
    guard !isPermitted else { return }
    _ = try TapestryError.translating(ruleset.tables.generation())
    isPermitted = true
  }

  // MARK: Applying

  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure] {
    var generation = generation
    return plan.carryOut { run in
      for item in run { log(item.step) }
      switch run.first?.step.traits.group {
      case .ruleset:
        let failure = ruleset.changeRuleset(run, observedAt: generation)
        // The batch itself has changed the generation. Later batches only loosen the ruleset for links that the plan has
        // removed.
        generation = nil
        return failure.map { failure in run.map { HostFailure($0, failure) } } ?? []
      case .deletion: return links.deleteLinks(run)
      case .names: return forgetNames(run)
      case nil: return run.compactMap(carryOut)
      }
    }
  }

  private func forgetNames(_ items: ArraySlice<Plan.Item>) -> [HostFailure] {
    Dictionary(grouping: items, by: \.network).flatMap { network, items -> [HostFailure] in
      guard let network else { return [] }
      do throws(StepFailure) { try names.forgetNames(network, items.compactMap(\.step.forgottenFile)) } catch {
        return items.map { HostFailure($0, error) }
      }
      return []
    }
  }

  private func carryOut(_ item: Plan.Item) -> HostFailure? {
    do throws(StepFailure) {
      switch item.step {
      case .installRuleset, .changeRuleset, .removeRuleset, .deleteTap, .deleteLink, .forgetNames: break
      case .createBridge(let network): try links.createBridge(network)
      case .setBridge(let network): try links.setBridge(network)
      case .setSwitch(let network, let choice, let isOn): try links.setSwitch(choice, network, isOn)
      case .addGateway(let network): try links.addGateway(network)
      case .addGateway6(let network): try links.addGateway6(network)
      case .setChecksumFilter(let network): try links.setChecksumFilter(network)
      case .createTap(let guest): try links.createTap(guest)
      case .setTap(let guest): try links.setTap(guest)
      case .addAccepts(let network, let prefix, let chain):
        try firewalls.setAccepts(network, ForeignForward.acceptances(prefix), of: prefix.family, in: chain)
      case .removeAccepts(let network, let family, let chain):
        try firewalls.setAccepts(network, [], of: family, in: chain)
      case .setNames(let guest): try names.setNames(guest)
      case .requireNameServer(let network): try names.requireNameServer(network)
      // What has to wait for a process is left to `serve`.
      case .stopNameServer(let network), .removeNameServer(let network): try names.endNameServer(network)
      case .startNameServer(let service): try names.prepareNameServer(service.network.name)
      case .setSysctl(let sysctl, let value): try SysctlDriver.set(sysctl, value)
      case .restoreSysctl(let sysctl, let value): try SysctlDriver.restore(sysctl, value)
      }
      return nil
    } catch {
      return HostFailure(item, error)
    }
  }
}

// What the drivers do by themselves.
extension LinuxHost {
  func renew(_ guest: Desired.Guest) throws(TapestryError) { try links.renew(guest) }

  func serve(_ network: Identifier, _ service: NameService?) throws(TapestryError) {
    try names.serve(network, service)
  }

  func forgetNameServer(_ network: Identifier) throws(TapestryError) { try names.forgetNameServer(network) }

  func flows(_ isWanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] { try connections.flows(isWanted) }

  func end(_ isUnwanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] { try connections.end(isUnwanted) }

  /// Ensures that a reassigned address is reachable at once under its new holder's MAC, and matches no connection of the
  /// old one.
  func forget(_ guests: [Desired.Guest]) -> [TapestryError] {
    guard !guests.isEmpty else { return [] }
    var failures: [TapestryError] = []
    do throws(KernelError) { failures += try links.forgetNeighbors(of: guests).map { TapestryError($0) } } catch {
      failures.append(TapestryError(error))
    }
    do throws(TapestryError) { try connections.forget(guests) } catch { failures.append(error) }
    return failures
  }
}

/// A step's failure before it is combined with its item.
package struct StepFailure: Error {
  package var error: TapestryError
  var kind: HostFailure.Kind

  init(_ error: TapestryError, _ kind: HostFailure.Kind = .refused) {
    self.error = error
    self.kind = kind
  }
}

extension HostFailure {
  init(_ item: Plan.Item, _ failure: StepFailure) {
    self.init(item: item, error: failure.error, kind: failure.kind)
  }
}

extension Step {
  fileprivate var forgottenFile: String? {
    if case .forgetNames(_, let file) = self { file } else { nil }
  }
}
