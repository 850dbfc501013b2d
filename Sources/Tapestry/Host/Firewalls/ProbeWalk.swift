import NFTables

/// Follows a probe through a base chain.
struct ProbeWalk {
  /// Whether the probe is certainly dropped.
  private(set) var isDropped = false
  /// Whether an unknown rule may have accepted it.
  private var mayPass = false

  init(of chain: String, policy: Chain.Policy, rules: (String) -> [ProbedRule]) {
    let end = walk(chain, 0, rules)
    isDropped = !mayPass && (end == .drops || end == .falls && policy == .drop)
  }

  private mutating func walk(
    _ chain: String, _ depth: Int, _ rules: (String) -> [ProbedRule]
  ) -> ForeignWalk.End {
    guard depth < ForeignWalk.maximumDepth else { return .falls }
    // Whether an unknown rule may have ended this chain, so that the probe may continue in the calling chain.
    var mayFall = false
    for rule in rules(chain) where rule.holds != false {
      let isCertain = rule.holds != nil
      switch rule.outcome {
      case .goesOn: continue
      case .drop: if isCertain { return mayFall ? .falls : .drops }
      case .accept: if isCertain { return .accepts } else { mayPass = true }
      case .return: if isCertain { return .falls } else { mayFall = true }
      case .unknown: mayPass = true
      case .jump(let next), .goto(let next):
        let end = walk(next, depth + 1, rules)
        switch (end, isCertain) {
        case (.accepts, true): return .accepts
        case (.accepts, false): mayPass = true
        case (.drops, true): return mayFall ? .falls : .drops
        case (.drops, false): break
        case (.falls, _):
          guard case .goto = rule.outcome else { break }
          if isCertain { return .falls }
          mayFall = true
        }
      }
    }
    return .falls
  }
}
