import NFTables

/// The ruleset as complete tables.
extension Ruleset {
  /// - Parameter state: The state file that the tables belong to.
  func tables(of state: StateMark?) -> [TableContents] {
    let classes = connectionClasses
    let sets = RulesetTables.sets + domainSets + classes.flatMap(\.sets) + [state?.set].compactMap(\.self)
    var elements = Dictionary(
      grouping: RulesetTables.constants + networks.flatMap(\.elements) + guests.flatMap(\.elements)
        + [state.map { ($0.set, $0.element) }].compactMap(\.self), by: \.0.id
    ).mapValues { $0.map(\.1) }
    for id in RulesetTables.peerSets { elements[id] = elements[id].map { Array(Set($0)) } }
    let parts = networks.parts
    let chains = RulesetTables.chains(of: parts) + domainChains + classes.map(\.chain)
    let rules = RulesetTables.rules(of: parts) + domainRules + classes.flatMap(\.rules)
    let objects = Set(guests.flatMap { $0.limits.map(\.object) })
    return RulesetTables.tables.map { table in
      var contents = TableContents(table)
      for object in objects where object.table == table.id { contents.add(object) }
      for set in sets where set.id.table == table.id { contents.add(set, elements[set.id, default: []]) }
      for chain in chains where chain.id.table == table.id { contents.add(chain) }
      for rule in rules where rule.chain.table == table.id { contents.add(rule) }
      return contents
    }
  }
}

extension ObservedRuleset {
  /// - Parameters:
  ///   - tables: The existing tables with our names.
  ///   - state: The state file that they should belong to; nil if any will do.
  init(_ tables: [TableContents], of state: StateMark?) {
    guard !tables.isEmpty else {
      self = .missing
      return
    }
    guard tables.allSatisfy({ $0.table.comment?.hasPrefix(RulesetTables.mark) == true }) else {
      self = .foreign
      return
    }
    let ruleset = Ruleset(tables)
    let marks = tables.stateMarks
    let isOwn = marks.count <= 1 && (state == nil || marks.first?.set.id == state?.set.id)
    let made = ruleset.tables(of: marks.first)
    let isAsMade =
      made.count == tables.count
      && zip(made.comparable, tables.comparable).allSatisfy { $0.isSame(as: $1) }
    self = isOwn && isAsMade ? .intact(ruleset) : .altered(ruleset)
  }
}

extension [TableContents] {
  /// The state files that the tables name.
  var stateMarks: [StateMark] { flatMap(\.sets).compactMap(StateMark.init) }

  /// Without the elements of sets that fill by themselves.
  fileprivate var comparable: [TableContents] {
    map { contents in
      var contents = contents
      for set in contents.sets where RulesetTables.isFilledDynamically(set) { contents.elements[set.id.name] = nil }
      return contents
    }
  }
}
