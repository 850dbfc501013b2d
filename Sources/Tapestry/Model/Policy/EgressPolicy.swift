/// What guests may reach through the host.
///
/// A packet's fate is decided by the first that says anything of it: the rules of its attachment, those of its network,
/// then the reach of its attachment, else of its network.
public struct EgressPolicy: Hashable, Sendable {
  /// nil leaves it to the network; of a network it is `all`.
  public var reach: Reach?
  public var rules: [TrafficRule]

  public enum Reach: String, Hashable, Sendable, CaseIterable {
    /// Whatever the host reaches, but for 169.254.0.0/16 and where clouds keep their metadata in IPv6.
    case all
    /// What is on the internet: no private, shared, link-local, loopback, multicast or reserved address (RFC 6890).
    case internet
    case none
  }

  public init(reach: Reach? = nil, rules: [TrafficRule] = []) {
    self.reach = reach
    self.rules = rules
  }

  /// Whether it says nothing.
  public var isEmpty: Bool { reach == nil && rules.isEmpty }

  /// The rules without overlaps, in as few as there can be.
  var disjointRules: Set<TrafficRule> { Set(rules.disjoint(closing: SpecialUse.closed).ranges.flatMap(\.rules)) }

  /// How many rules a policy may have: what they come to has its bounds then.
  public static let maximumRules = 128

  /// - Throws: `INVALID_POLICY`.
  func validate() throws(TapestryError) {
    guard rules.count <= Self.maximumRules else {
      throw TapestryError(
        .invalidPolicy,
        "A policy of \(rules.count) rules: at most \(Self.maximumRules) are allowed. Ports without a protocol count twice."
      )
    }
  }
}

extension EgressPolicy: LosslessStringConvertible {
  /// `internet allow 10.0.0.0/8:443/tcp deny 203.0.113.0/24`.
  public var description: String {
    ([reach?.rawValue] + rules.map(\.description)).compactMap(\.self).joined(separator: " ")
  }

  public init?(_ description: String) {
    self.init()
    guard !description.isEmpty else { return }
    var words = description.split(separator: " ").map(String.init)[...]
    if let reach = words.first.flatMap(Reach.init) {
      self.reach = reach
      words = words.dropFirst()
    }
    while let word = words.popFirst() {
      guard let verdict = TrafficRule.Verdict(rawValue: word), let text = words.popFirst(),
        let traffic = try? Traffic.parse(text)
      else { return nil }
      rules += traffic.map { TrafficRule(verdict, $0) }
    }
  }
}
