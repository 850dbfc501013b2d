import NetTypes

/// The chains that a base chain leads to, with their rules, including ours.
///
/// Our accept rules belong after every rule that may drop some packets, and before the one that drops all. So they accept
/// nothing that another rule drops.
struct ForeignChains {
  private let base: String
  private var rules: [String: [ForeignRule]] = [:]

  init<Failure: Error>(
    from base: String, rules read: (String) throws(Failure) -> [ForeignRule]
  ) throws(Failure) {
    self.base = base
    var next = [base]
    while let chain = next.popLast() {
      guard rules[chain] == nil else { continue }
      let found = try read(chain)
      rules[chain] = found
      next += found.compactMap(\.outcome.chain)
    }
  }

  var names: Dictionary<String, [ForeignRule]>.Keys { rules.keys }

  func walk(_ family: IPFamily) -> ForeignWalk { walk(from: base, family) }

  private func walk(from chain: String, _ family: IPFamily) -> ForeignWalk {
    ForeignWalk(of: chain, family) { rules[$0, default: []] }
  }

  // MARK: The place of accept rules

  /// The chain that accept rules belong in. It is a chain below the base chain only if the base chain ends in it, it drops
  /// some packets before it drops all, and no other rule leads to it: an administrator may send packets there to be
  /// dropped.
  func place(_ family: IPFamily) -> String {
    var place = base
    for _ in 0..<ForeignWalk.maximumDepth {
      guard let next = end(of: place, family)?.rule.outcome.chain, denies(next, family, all: false),
        rules.values.joined().count(where: { $0.outcome.chain == next }) == 1
      else { break }
      place = next
    }
    return place
  }

  /// The range of rule indices in a chain that our rules may have.
  func room(in chain: String, _ family: IPFamily) -> Range<Int> {
    let rules = rules[chain, default: []]
    let end = end(of: chain, family)?.place ?? rules.count
    let last = rules[..<end].lastIndex { mayDeny($0, family) || leaves($0, family) }
    return (last.map { $0 + 1 } ?? 0)..<end
  }

  /// How many rules come before ours, and whether none comes after them.
  func position(in chain: String, _ family: IPFamily) -> (preceding: Int, isAtEnd: Bool) {
    let preceding = room(in: chain, family).lowerBound
    return (preceding, preceding == rules[chain, default: []].count)
  }

  /// The first rule that no packet passes.
  private func end(of chain: String, _ family: IPFamily) -> (place: Int, rule: ForeignRule)? {
    let rules = rules[chain, default: []]
    let place = rules.firstIndex { rule in
      guard rule.network == nil, rule.isFor(family), rule.scope == .all else { return false }
      switch rule.outcome {
      case .accept, .drop, .return, .goto: return true
      case .jump(let next): return walk(from: next, family).end != .falls
      case .goesOn, .unknown: return false
      }
    }
    return place.map { ($0, rules[$0]) }
  }

  /// Returns true if the rule may drop packets.
  private func mayDeny(_ rule: ForeignRule, _ family: IPFamily, _ depth: Int = 0) -> Bool {
    guard rule.network == nil, rule.isFor(family), depth < ForeignWalk.maximumDepth else { return false }
    switch rule.outcome {
    case .drop, .unknown: return true
    case .jump(let next), .goto(let next): return denies(next, family, all: true, depth + 1)
    case .accept, .return, .goesOn: return false
    }
  }

  /// Returns true if some packets leave the chain at the rule, and so skip its further rules. The policy, or the chain that
  /// they came from, then decides about them.
  private func leaves(_ rule: ForeignRule, _ family: IPFamily) -> Bool {
    guard rule.network == nil, rule.isFor(family) else { return false }
    return switch rule.outcome {
    case .return, .goto: true
    case .accept, .drop, .jump, .goesOn, .unknown: false
    }
  }

  /// Returns true if a chain may drop packets.
  /// - Parameter all: Whether a chain that drops all packets counts.
  private func denies(_ chain: String, _ family: IPFamily, all: Bool, _ depth: Int = 0) -> Bool {
    let rules = rules[chain, default: []]
    guard !all, let end = end(of: chain, family) else { return rules.contains { mayDeny($0, family, depth) } }
    if rules[..<end.place].contains(where: { mayDeny($0, family, depth) }) { return true }
    guard depth < ForeignWalk.maximumDepth, let next = end.rule.outcome.chain else { return false }
    return denies(next, family, all: false, depth + 1)
  }

  // MARK: Denials

  /// The packets that the rules before our place drop, as far as addresses tell.
  /// - Parameter policyDrops: Whether the base chain's policy is drop.
  func denials(_ family: IPFamily, policyDrops: Bool) -> Set<ForeignForward.Denial> {
    var found: Set<ForeignForward.Denial> = []
    collect(base, ForeignForward.Denial(chain: base), family, policyDrops, 0, into: &found)
    return found
  }

  private func collect(
    _ chain: String, _ outer: ForeignForward.Denial, _ family: IPFamily, _ policyDrops: Bool, _ depth: Int,
    into found: inout Set<ForeignForward.Denial>
  ) {
    guard depth < ForeignWalk.maximumDepth else { return }
    for rule in rules[chain, default: []] where rule.network == nil && rule.isFor(family) {
      var denial = outer
      denial.chain = chain
      guard denial.narrow(to: rule) else { continue }
      switch rule.outcome {
      case .drop: if denial.hasAddress { found.insert(denial) }
      case .return: if depth == 0, policyDrops, denial.hasAddress { found.insert(denial) }
      case .jump(let next), .goto(let next): collect(next, denial, family, policyDrops, depth + 1, into: &found)
      case .accept, .goesOn, .unknown: break
      }
    }
  }
}

extension ForeignRule {
  func isFor(_ family: IPFamily) -> Bool { (self.family ?? family) == family }
}

extension ForeignRule.Outcome {
  /// The chain in which the packet continues.
  var chain: String? {
    switch self {
    case .jump(let chain), .goto(let chain): chain
    case .accept, .return, .drop, .goesOn, .unknown: nil
    }
  }
}

extension ForeignForward.Denial {
  fileprivate var hasAddress: Bool { source != nil || destination != nil }

  /// - Returns: false if no packet matches both.
  fileprivate mutating func narrow(to rule: ForeignRule) -> Bool {
    isConditional = isConditional || rule.isConditional
    return Self.narrow(&source, to: rule.source) && Self.narrow(&destination, to: rule.destination)
  }

  private static func narrow(_ prefix: inout IPPrefix?, to other: IPPrefix?) -> Bool {
    guard let other else { return true }
    guard let present = prefix, !present.contains(other) else {
      prefix = other
      return true
    }
    return other.contains(present)
  }
}
