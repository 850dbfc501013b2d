import Conntrack
import Linux
import NFTables
import NetTypes
import Netlink
import RouteNetlink

/// The kernel, in the network namespace of the thread that makes this: rtnetlink, nf_tables, TUN/TAP, sysctls.
final class LinuxHost: Host {
  var route: RouteSocket
  var tables: NFTablesSocket
  /// Opened by the first detach: an attach has nothing to forget.
  var connections: ConntrackSocket?
  /// Whether the kernel has IPv6; found out by the first refusal.
  var hasIPv6 = true
  /// Whether it has filters for what comes in by a link; found out by the first refusal.
  var hasIngressFilters = true
  /// Whether the kernel has once said so.
  private var isPermitted = false
  let log: (Step) -> Void
  let namespace: NetworkNamespace.Identity
  var state: StateMark?
  private let statePath: String?
  private var foundNamePlace: NamePlace?

  /// - Parameter statePath: The state file, beside which the files of name servers are; nil for a host without any.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_UNSUPPORTED`.
  init(statePath: String? = nil, log: @escaping (Step) -> Void = { _ in }) throws(TapestryError) {
    do throws(NetlinkError) {
      route = try RouteSocket()
      tables = try NFTablesSocket()
    } catch {
      throw TapestryError(error)
    }
    do throws(SystemError) { namespace = try NetworkNamespace.current().identity() } catch {
      throw TapestryError(error)
    }
    self.log = log
    self.statePath = statePath
  }

  static func bootID() throws(TapestryError) -> String {
    do throws(SystemError) { return try Kernel.bootID() } catch { throw TapestryError(error) }
  }

  /// Asking nf_tables anything takes CAP_NET_ADMIN over the namespace, as changing it does; this is the least to ask.
  func requirePermission() throws(TapestryError) {
    guard !isPermitted else { return }
    do throws(NetlinkError) { _ = try tables.generation() } catch { throw TapestryError(error) }
    isPermitted = true
  }

  /// Found out by the first who needs it.
  func namePlace() throws(TapestryError) -> NamePlace? {
    if let foundNamePlace { return foundNamePlace }
    foundNamePlace = try statePath.map { path throws(TapestryError) in try NamePlace(statePath: path) }
    return foundNamePlace
  }

  // MARK: Applying

  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure] {
    var failures: [HostFailure] = []
    var rest = plan.items[...]
    var generation = generation
    while let item = rest.first {
      let count = rest.prefix { $0.step.part == item.step.part }.count
      let run = rest.prefix(count)
      rest = rest.dropFirst(count)
      for item in run { log(item.step) }
      switch item.step.part {
      case .ruleset:
        if let failure = changeRuleset(run, observedAt: generation) {
          // Nothing may go on that counts on filters that are not there.
          return failures + run.map { HostFailure(item: $0, error: failure.error, kind: failure.kind) }
        }
        // The batch itself has moved the generation; what is left loosens only what the plan has taken down.
        generation = nil
      case .teardown: failures += deleteLinks(run)
      case .forgetting:
        for (network, items) in Dictionary(grouping: run, by: \.network) {
          guard let network else { continue }
          do throws(StepFailure) { try forgetNames(network, items.compactMap(\.step.forgottenFile)) } catch {
            failures += items.map { HostFailure(item: $0, error: error.error, kind: error.kind) }
          }
        }
      case .rest:
        var stuck: HostFailure?
        for item in run {
          // With forwarding, and without the others as they have to be, the host would forget its own routers.
          if let stuck, item.step.isOfForwarding6 {
            failures.append(HostFailure(item: item, error: stuck.error, kind: stuck.kind))
            continue
          }
          guard let failure = carryOut(item) else { continue }
          failures.append(failure)
          if item.step.isOfBridge { return failures }
          if item.step.isOfForwarding6 { stuck = failure }
        }
      }
    }
    return failures
  }

  /// The index of a link; nil when there is none of that name.
  func findLink(_ name: InterfaceName) throws(NetlinkError) -> Int32? {
    try route.linkIndex(named: name)
  }

  /// The index of a link.
  /// - Throws: `NetlinkError`: ENODEV when there is none of that name.
  func linkIndex(_ name: InterfaceName) throws(NetlinkError) -> Int32 {
    guard let index = try findLink(name) else {
      throw NetlinkError(operation: "find link \(name)", errno: .noSuchDevice)
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
      case .letThrough(let network, let prefix, let chain):
        try setAccepts(network, ForeignForward.acceptances(prefix), of: prefix.family, in: chain)
      case .retract(let network, let family, let chain): try setAccepts(network, [], of: family, in: chain)
      case .setNames(let guest): try setNames(guest)
      case .requireNameServer(let network): try requireNameServer(network)
      // What takes waiting for a process is left to `serve`.
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
      throw StepFailure(TapestryError(.notOwned, "sysctl \(sysctl.rawValue) is none that Tapestry changes"))
    }
    do throws(SystemError) { try sysctl.write(value) } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to set sysctl \(sysctl.rawValue)"))
    }
  }

  private func restore(_ sysctl: Sysctl, _ value: String) throws(StepFailure) {
    do throws(StepFailure) { try set(sysctl, value) } catch {
      // That of a link which has gone meanwhile.
      guard error.error.cause?.errno == Errno.noSuchFile.rawValue else { throw error }
    }
  }
}

/// A step's failure before it is joined to its item.
struct StepFailure: Error {
  var error: TapestryError
  var kind: HostFailure.Kind

  init(_ error: TapestryError, _ kind: HostFailure.Kind = .refused) {
    self.error = error
    self.kind = kind
  }
}

extension Step {
  /// Neighbouring steps of the ruleset, of the teardown, or of names to be forgotten, are carried out together.
  fileprivate enum Part { case ruleset, teardown, forgetting, rest }

  fileprivate var part: Part {
    switch self {
    case .installRuleset, .changeRuleset, .removeRuleset: .ruleset
    case .deleteTap, .deleteLink: .teardown
    case .forgetNames: .forgetting
    default: .rest
    }
  }

  fileprivate var forgottenFile: String? {
    if case .forgetNames(_, let file) = self { file } else { nil }
  }

  /// Those of IPv6's sysctls are good only after those before them.
  fileprivate var isOfForwarding6: Bool {
    switch self {
    case .setSysctl(let sysctl, _), .restoreSysctl(let sysctl, _): Forwarding6.isOfIPv6(sysctl)
    default: false
    }
  }

  fileprivate var isOfBridge: Bool {
    switch self {
    // Without its addresses of IPv6 a bridge still does all else that others wait for, its name server among them.
    case .createBridge, .setBridge, .addGateway: true
    default: false
    }
  }
}
