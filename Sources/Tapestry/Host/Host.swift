import Linux
import NetTypes

/// What carries plans out: the kernel, or a stand-in for it in a test.
protocol Host: AnyObject {
  /// Asks for what every change needs, before anything is written down that could then not be carried out.
  /// - Throws: `NOT_PERMITTED`.
  func requirePermission() throws(TapestryError)

  /// The network namespace that this is the kernel of.
  var namespace: NetworkNamespace.Identity { get }

  /// The state file on whose behalf the ruleset is made and changed.
  var state: StateMark? { get set }

  /// From which state file the ruleset was made; nil where it does not say, or is not there.
  func stateMark() throws(TapestryError) -> StateMark?

  /// Reads all that `Plan.difference` needs.
  func observe() throws(TapestryError) -> Observation

  /// The part of it that tells what is the host's own.
  func addresses() throws(TapestryError) -> HostAddresses

  /// Whether an attachment's TAP is there and is used as it was made: all that few requests tell.
  func isInPlace(_ guest: Desired.Guest) throws(TapestryError) -> Bool

  /// Carries the plan out, in order.
  ///
  /// A change to the ruleset or to a bridge that fails ends it, because what follows would run unfiltered or hang in
  /// the air; links that fail do not keep others from being made or removed.
  /// - Parameter generation: the ruleset's generation that the plan was computed from; nil to change the ruleset
  ///   whatever it has become.
  /// - Returns: every failure met.
  func apply(_ plan: Plan, observedAt generation: UInt32?) -> [HostFailure]

  /// Ends what runs as a network's name server and is not as it should be, and starts what should run. It waits for
  /// processes: nobody is to hold the state's lock.
  /// - Parameter service: nil for none.
  /// - Throws: `NAME_SERVER_FAILED`.
  func serve(_ network: Identifier, _ service: NameService?) throws(TapestryError)

  /// Removes the files of a name server that runs no more.
  /// - Throws: `NAME_SERVER_FAILED`.
  func forgetNameServer(_ network: Identifier) throws(TapestryError)

  /// Asks whether ports can be published: at addresses that the host has, where no program of its listens, which would hear
  /// nothing any more, and no rules of somebody else's send elsewhere what comes for them.
  /// - Throws: `INVALID_PORT`, `PORT_IN_USE`.
  func requirePublishable(_ ports: [PublishedPort]) throws(TapestryError)

  /// The addresses that the sets of domains have; none of those that are not there.
  func learnt(_ domains: Set<DomainSet>) throws(TapestryError) -> [DomainSet: Set<IPAddress>]

  /// The tracked connections that are wanted.
  func flows(_ isWanted: (Flow) -> Bool) throws(TapestryError) -> [Flow]

  /// Forgets tracked connections: their packets are looked at as those of new ones.
  /// - Returns: Those.
  func end(_ isUnwanted: (Flow) -> Bool) throws(TapestryError) -> [Flow]

  /// Whether somebody has a TAP open, and has had, whoever it is. It is known by name and mark.
  /// - Returns: nil where there is none.
  func carrier(of tapName: InterfaceName, marked mark: OwnerMark) throws(TapestryError) -> TapCarrier?

  /// Sets a TAP that is there to what its maker set: a former holder may have left it otherwise, where nobody sees it.
  /// One that is open is left as it is.
  /// - Throws: `TAP_CREATE_FAILED`.
  func renew(_ guest: Desired.Guest) throws(TapestryError)

  /// Forgets what the kernel remembers of addresses that nobody holds any more: neighbours and connections. Their traffic
  /// has been stopped before.
  /// - Returns: every failure met.
  func forget(_ guests: [Desired.Guest]) -> [TapestryError]
}

/// An observation, and the ruleset's generation that it belongs to.
struct Observation {
  var observed: Observed
  var generation: UInt32
}

/// What a TAP's carrier tells: it is there while a process has the TAP open.
package struct TapCarrier: Hashable, Sendable {
  package var isOn: Bool
  /// How often it has come.
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
    /// Something that the plan took for granted is not there, or something is in its way: observe, mend, and try again.
    case outOfSync
    /// Trying again would not help.
    case refused
  }
}
