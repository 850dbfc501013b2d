import NFTables
import NetTypes
import Xtables

/// A rule's answer to a probe.
struct ProbedRule {
  /// nil if it is not known.
  var holds: Bool?
  var outcome: ForeignRule.Outcome

  /// - Parameter sets: A set's elements; nil for a set that cannot be read.
  init(_ rule: Rule, _ probe: InputProbe, sets: (String) -> [Element]?) {
    holds = true
    outcome = .goesOn
    var loaded: [UInt8]?
    var loads = 0
    for expression in rule.expressions {
      switch expression.kind {
      case .counter, .log: continue
      case .meta, .ct, .fib, .payload:
        loaded = probe.loaded(expression.kind)
        loads += 1
        continue
      case .bitwise(let bitwise):
        loaded = loaded.flatMap { value in
          value.count == bitwise.mask.count
            ? value.indices.map { value[$0] & bitwise.mask[$0] ^ bitwise.xor[$0] } : nil
        }
        continue
      case .cmp(let comparison): ask(loaded.flatMap(comparison.holds))
      case .range(let range):
        ask(
          loaded.map {
            ($0.lexicographicallyPrecedes(range.first) || range.last.lexicographicallyPrecedes($0)) == range.isInverted
          })
      case .lookup(let lookup): look(lookup, loads == 1 ? loaded : nil, sets(lookup.set))
      case .immediate(.verdict(let verdict)): outcome = .init(verdict)
      case .reject: outcome = .drop
      case .other("match", let data):
        let match = ForeignRule.Extension(data)
        ask(probe.holds(match.name, match.info))
      case .other("target", let data):
        outcome = .init(extension: ForeignRule.Extension(data).name)
      default: ask(nil)
      }
      (loaded, loads) = (nil, 0)
    }
  }

  init(_ rule: XtablesRule, _ probe: InputProbe) {
    holds = true
    outcome = ForeignRule.Outcome(rule.target)
    if rule.asksForMore { ask(nil) }
    if let source = rule.source { ask(source.contains(probe.source)) }
    if let destination = rule.destination { ask(destination.contains(probe.destination)) }
    if let link = rule.inputLink { ask(link == probe.link.name) }
    if let number = rule.protocolNumber { ask(number == probe.protocolNumber) }
    for match in rule.matches { ask(probe.holds(match.name, match.data)) }
  }

  private mutating func ask(_ answer: Bool?) {
    switch (holds, answer) {
    case (false, _), (_, false): holds = false
    case (true, true): break
    default: holds = nil
    }
  }

  private mutating func look(_ lookup: Lookup, _ value: [UInt8]?, _ elements: [Element]?) {
    guard let value, let elements else {
      if lookup.result == .verdict { outcome = .unknown }
      return ask(nil)
    }
    let found = elements.first { element in
      guard let first = element.key.first?.bytes, element.key.count == 1 else { return false }
      guard let last = element.keyEnd?.first?.bytes else { return first == value }
      return !value.lexicographicallyPrecedes(first) && !last.lexicographicallyPrecedes(value)
    }
    ask((found != nil) != lookup.isInverted)
    guard lookup.result == .verdict else { return }
    if case .verdict(let verdict) = found?.data { outcome = .init(verdict) } else if found != nil { outcome = .unknown }
  }
}

extension Comparison {
  fileprivate func holds(_ value: [UInt8]) -> Bool? {
    guard value.count >= self.value.count else { return nil }
    let part = Array(value.prefix(self.value.count))
    switch operation {
    case .equal: return part == self.value
    case .notEqual: return part != self.value
    case .less: return part.lexicographicallyPrecedes(self.value)
    case .lessOrEqual: return !self.value.lexicographicallyPrecedes(part)
    case .greater: return self.value.lexicographicallyPrecedes(part)
    case .greaterOrEqual: return !part.lexicographicallyPrecedes(self.value)
    }
  }
}
