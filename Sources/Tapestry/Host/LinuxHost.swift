import Conntrack
import Linux
import NFTables
import NetTypes
import Netlink
import RouteNetlink

/// The kernel's state in the network namespace of the thread that creates this: rtnetlink, nf_tables, TUN/TAP, sysctls.
final class LinuxHost: Host {
  var route: RouteSocket
  var tables: NFTablesSocket
  /// Opened by the first detach; an attach has nothing to delete.
  var connections: ConntrackSocket?
  /// Whether the kernel has IPv6; set to false after the first refusal.
  var hasIPv6 = true
  /// Whether the kernel has ingress filters; set to false after the first refusal.
  var hasIngressFilters = true
  /// Whether the kernel has confirmed the permission.
  private var isPermitted = false
  let log: (Step) -> Void
  let namespace: NetworkNamespace.Identity
  var state: StateMark?
  private let statePath: String?
  private var foundNamePlace: NamePlace?

  /// - Parameter statePath: The state file, beside which the files of name servers are; nil if the host has no name
  ///   servers.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_UNSUPPORTED`.
  init(statePath: String? = nil, log: @escaping (Step) -> Void = { _ in }) throws(TapestryError) {
    do throws(KernelError) {
      route = try RouteSocket()
      tables = try NFTablesSocket()
    } catch {
      throw TapestryError(error)
    }
    do throws(KernelError) { namespace = try NetworkNamespace.current().identity() } catch {
      throw TapestryError(error)
    }
    self.log = log
    self.statePath = statePath
  }

  static func bootID() throws(TapestryError) -> String {
    do throws(KernelError) { return try Kernel.bootID() } catch { throw TapestryError(error) }
  }

  /// Every nf_tables request needs CAP_NET_ADMIN in the namespace, as a change does. This is the smallest request.
  func requirePermission() throws(TapestryError) {
    guard !isPermitted else { return }
    do throws(KernelError) { _ = try tables.generation() } catch { throw TapestryError(error) }
    isPermitted = true
  }

  /// Determined on first use.
  func namePlace() throws(TapestryError) -> NamePlace? {
    if let foundNamePlace { return foundNamePlace }
    foundNamePlace = try statePath.map { path throws(TapestryError) in try NamePlace(statePath: path) }
    return foundNamePlace
  }

  // MARK: Applying

  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure] {
    var generation = generation
    return plan.carryOut { run in
      for item in run { log(item.step) }
      switch run.first?.step.traits.group {
      case .ruleset:
        let failure = changeRuleset(run, observedAt: generation)
        // The batch itself has changed the generation. Later batches only loosen the ruleset for links that the plan has
        // removed.
        generation = nil
        return failure.map { failure in
          run.map { HostFailure(item: $0, error: failure.error, kind: failure.kind) }
        } ?? []
      case .deletion: return deleteLinks(run)
      case .names: return forgetNames(run)
      case nil: return run.compactMap(carryOut)
      }
    }
  }

  private func forgetNames(_ items: ArraySlice<Plan.Item>) -> [HostFailure] {
    Dictionary(grouping: items, by: \.network).flatMap { network, items -> [HostFailure] in
      guard let network else { return [] }
      do throws(StepFailure) {
        try forgetNames(network, items.compactMap(\.step.forgottenFile))
        return []
      } catch {
        return items.map { HostFailure(item: $0, error: error.error, kind: error.kind) }
      }
    }
  }

  /// The index of a link. Returns nil if there is no link of that name.
  func findLink(_ name: InterfaceName) throws(KernelError) -> Int32? {
    try route.linkIndex(named: name)
  }

  /// The index of a link.
  /// - Throws: `KernelError` with ENODEV if there is no link of that name.
  func linkIndex(_ name: InterfaceName) throws(KernelError) -> Int32 {
    guard let index = try findLink(name) else {
      throw KernelError(operation: "find link \(name)", errno: .noSuchDevice)
    }
    return index
  }

  private func carryOut(_ item: Plan.Item) -> HostFailure? {
    do throws(StepFailure) {
      switch item.step {
      case .installRuleset, .changeRuleset, .removeRuleset, .deleteTap, .deleteLink, .forgetNames: break
      case .createBridge(let network): try createBridge(network)
      case .setBridge(let network): try setBridge(network)
      case .routeLoopback(let network, let isOn): try setLoopbackRoute(network, isOn)
      case .addGateway(let network): try addGateway(network)
      case .addGateway6(let network): try addGateway6(network)
      case .setChecksumFilter(let network): try setChecksumFilter(network)
      case .createTap(let guest): try createTap(guest)
      case .setTap(let guest): try setTap(guest)
      case .addAccepts(let network, let prefix, let chain):
        try setAccepts(network, ForeignForward.acceptances(prefix), of: prefix.family, in: chain)
      case .removeAccepts(let network, let family, let chain): try setAccepts(network, [], of: family, in: chain)
      case .setNames(let guest): try setNames(guest)
      case .requireNameServer(let network): try requireNameServer(network)
      // What has to wait for a process is left to `serve`.
      case .stopNameServer(let network), .removeNameServer(let network): try endNameServer(network)
      case .startNameServer(let service): try prepareNameServer(service.network.name)
      case .setSysctl(let sysctl, let value): try set(sysctl, value)
      case .restoreSysctl(let sysctl, let value): try restore(sysctl, value)
      }
      return nil
    } catch {
      return HostFailure(item: item, error: error.error, kind: error.kind)
    }
  }

  private func set(_ sysctl: Sysctl, _ value: String) throws(StepFailure) {
    guard sysctl.isChanged, Sysctl.mayBeValue(value) else {
      throw StepFailure(TapestryError(.notOwned, "sysctl \(sysctl.rawValue) is not one that Tapestry changes"))
    }
    do throws(KernelError) { try sysctl.write(value) } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to set sysctl \(sysctl.rawValue)"))
    }
  }

  private func restore(_ sysctl: Sysctl, _ value: String) throws(StepFailure) {
    do throws(StepFailure) { try set(sysctl, value) } catch {
      // The link of the sysctl has been deleted meanwhile.
      guard error.error.cause?.errno == Errno.noSuchFile.rawValue else { throw error }
    }
  }
}

/// A step's failure before it is combined with its item.
struct StepFailure: Error {
  var error: TapestryError
  var kind: HostFailure.Kind

  init(_ error: TapestryError, _ kind: HostFailure.Kind = .refused) {
    self.error = error
    self.kind = kind
  }
}

extension Step {
  fileprivate var forgottenFile: String? {
    if case .forgetNames(_, let file) = self { file } else { nil }
  }
}
