/// The result of one check of the host, with advice.
public struct Finding: Hashable, Sendable, Codable {
  /// What was checked: `forwarding`, `uplink`.
  public var subject: String
  /// The network that it is about; nil if it is about the host.
  public var network: Identifier?
  /// Whether guests have a network.
  public var verdict: Verdict
  /// What was found.
  public var message: String
  /// What to do; nil if no action is needed.
  public var advice: String?

  /// The result of a check. A more serious verdict is greater.
  public enum Verdict: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
    /// Nothing to do.
    case ok
    /// Works, but not for all guests, or not for long.
    case warning
    /// Guests have no network, or will lose it.
    case problem

    /// Whether `one` is less serious than `other`.
    public static func < (one: Verdict, other: Verdict) -> Bool { one != other && (one == .ok || other == .problem) }
  }

  /// Creates a finding.
  public init(
    _ subject: String, _ verdict: Verdict, _ message: String, advice: String? = nil, network: Identifier? = nil
  ) {
    self.subject = subject
    self.network = network
    self.verdict = verdict
    self.message = message
    self.advice = advice
  }
}

extension Finding {
  /// With `null` if there is no advice, and without a network if it is about the host.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(subject, forKey: .subject)
    try values.encodeIfPresent(network, forKey: .network)
    try values.encode(verdict, forKey: .verdict)
    try values.encode(message, forKey: .message)
    try values.encode(advice, forKey: .advice)
  }
}
