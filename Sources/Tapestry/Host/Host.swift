import Linux
import NetTypes

/// Applies plans: the kernel, or a stand-in in tests.
protocol Host: AnyObject {
  /// Checks the permission that every change needs, before anything is stored that could then not be applied.
  /// - Throws: `NOT_PERMITTED`.
  func requirePermission() throws(TapestryError)

  /// The network namespace whose kernel state this is.
  var namespace: NetworkNamespace.Identity { get }

  /// The state file for which the ruleset is made and changed.
  var state: StateMark? { get set }

  /// The state file that the ruleset was made from. Returns nil if the ruleset does not say or does not exist.
  func stateMark() throws(TapestryError) -> StateMark?

  /// Observes everything that `Plan.difference` needs.
  func observe() throws(TapestryError) -> Observation

  /// Observes only which addresses are the host's own.
  func addresses() throws(TapestryError) -> HostAddresses

  /// Returns true if an attachment's TAP exists and is configured as made, as far as few requests show.
  func isInPlace(_ guest: Desired.Guest) throws(TapestryError) -> Bool

  /// Applies the plan in order.
  ///
  /// A failed change of the ruleset or a bridge ends it, because later steps would run unfiltered or without a bridge. A
  /// failed link does not keep other links from being made or removed.
  /// - Parameter generation: The ruleset's generation that the plan was computed from; nil to change the ruleset even if it
  ///   has changed since.
  /// - Returns: all failures.
  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure]

  /// Stops a network's name server if it is not as desired, and starts the desired one. This waits for processes, so the
  /// caller must not hold the state's lock.
  /// - Parameter service: The desired name server; nil for none.
  /// - Throws: `NAME_SERVER_FAILED`.
  func serve(_ network: Identifier, _ service: NameService?) throws(TapestryError)

  /// Removes the files of a name server that no longer runs.
  /// - Throws: `NAME_SERVER_FAILED`.
  func forgetNameServer(_ network: Identifier) throws(TapestryError)

  /// Checks that ports can be published: the host has their addresses, no program of the host listens there (it would
  /// receive nothing any more), and no foreign rules redirect them.
  /// - Throws: `INVALID_PORT`, `PORT_IN_USE`.
  func requirePublishable(_ ports: [PublishedPort]) throws(TapestryError)

  /// The addresses in the sets of domains. Sets that do not exist are left out.
  func learnt(_ domains: Set<DomainSet>) throws(TapestryError) -> [DomainSet: Set<IPAddress>]

  /// The tracked connections for which the closure returns true.
  func flows(_ isWanted: (Flow) -> Bool) throws(TapestryError) -> [Flow]

  /// Deletes conntrack entries: the next packet of such a connection is judged as the first of a new one.
  /// - Returns: the deleted ones.
  func end(_ isUnwanted: (Flow) -> Bool) throws(TapestryError) -> [Flow]

  /// Whether any process has a TAP open, and how often one has opened it. The TAP is identified by name and mark.
  /// - Returns: nil if there is no such TAP.
  func carrier(of tapName: InterfaceName, marked mark: OwnerMark) throws(TapestryError) -> TapCarrier?

  /// Resets an existing TAP to what it was made with: a former holder may have changed it invisibly. A TAP that is open is
  /// left as it is.
  /// - Throws: `TAP_CREATE_FAILED`.
  func renew(_ guest: Desired.Guest) throws(TapestryError)

  /// Removes neighbour entries and conntrack entries of addresses that nobody holds any more. Their traffic has been
  /// stopped before.
  /// - Returns: all failures.
  func forget(_ guests: [Desired.Guest]) -> [TapestryError]
}

/// An observation, and the ruleset's generation that it belongs to.
package struct Observation {
  package var observed: Observed
  var generation: UInt32
}

/// The state of a TAP's carrier: it is on while a process has the TAP open.
package struct TapCarrier: Hashable, Sendable {
  package var isOn: Bool
  /// How often it has come on.
  package var arrivals: UInt32
}

/// A step that was not carried out.
struct HostFailure: Error {
  var item: Plan.Item
  var error: TapestryError
  var kind: Kind

  enum Kind {
    /// The ruleset changed since the plan was computed: observe again.
    case stale
    /// Something that the plan expects is missing, or something is in its way: observe, repair, and try again.
    case outOfSync
    /// Trying again would not help.
    case refused
  }
}
