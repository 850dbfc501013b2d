/// One change of the ruleset.
public enum Operation: Hashable, Sendable {
  /// Creates the table unless it exists.
  case addTable(Table)
  /// Deletes the table with its contents if it exists. This works with any kernel: the table is created unless it exists,
  /// then deleted.
  case destroyTable(Table.ID)

  /// Creates the chain unless it exists. Sets the policy of an existing base chain.
  case addChain(Chain)
  /// Deletes the chain. Fails with ENOENT if it does not exist, and with EBUSY if a rule jumps to it.
  case deleteChain(Chain.ID)
  /// Deletes the rules of the chain.
  case flushChain(Chain.ID)

  /// Creates the set unless it exists. Fails with EEXIST if one exists that differs.
  case addSet(NamedSet)
  /// Deletes the set. Fails with ENOENT if it does not exist, and with EBUSY if a rule uses it.
  case deleteSet(NamedSet.ID)

  /// Creates the object unless it exists. An existing object keeps its own data, such as its rate.
  case addObject(StatefulObject)
  /// Deletes the object. Fails with EBUSY while a rule or an element uses it.
  case deleteObject(StatefulObject.ID)

  /// Adds elements unless they exist. Fails with EEXIST if a map has other data for a key.
  case addElements([Element], NamedSet)
  /// Deletes elements. Fails with ENOENT if one does not exist.
  case deleteElements([Element], NamedSet)

  /// Adds the rule at the end of its chain, even if an equal one exists.
  case addRule(Rule)
  /// Adds the rule before the one with this handle, or, if nil, at the beginning of its chain, even if an equal one exists.
  case insertRule(Rule, before: UInt64?)
  /// Deletes the rule with this handle.
  case deleteRule(handle: UInt64, in: Chain.ID)
}

extension Operation: CustomStringConvertible {
  /// The operation as a command of nft(8), or close to one: `add element bridge tapestry taps { "tap0" }`.
  public var description: String {
    switch self {
    case .addTable(let table): "add table \(table.text)"
    case .destroyTable(let table): "destroy table \(table)"
    case .addChain(let chain): "add chain \(chain.text)"
    case .deleteChain(let chain): "delete chain \(chain)"
    case .flushChain(let chain): "flush chain \(chain)"
    case .addSet(let set): "add \(set.text)"
    case .deleteSet(let set): "delete set \(set)"
    case .addObject(let object): "add \(object.text)"
    case .deleteObject(let object): "delete \(object.type) \(object)"
    case .addElements(let elements, let set): "add element \(set.id) \(Self.text(elements))"
    case .deleteElements(let elements, let set): "delete element \(set.id) \(Self.text(elements))"
    case .addRule(let rule): "add rule \(rule.chain) \(rule)"
    case .insertRule(let rule, _): "insert rule \(rule.chain) \(rule)"
    case .deleteRule(let handle, let chain): "delete rule \(chain) handle \(handle)"
    }
  }

  private static func text(_ elements: [Element]) -> String {
    "{ \(elements.map(\.description).joined(separator: ", ")) }"
  }

  /// The operation for an error text: names the element if there is one, otherwise counts the elements.
  func description(ofElements range: Swift.Range<Int>) -> String {
    let (verb, elements, set): (String, [Element], NamedSet)
    switch self {
    case .addElements(let all, let of): (verb, elements, set) = ("add", all, of)
    case .deleteElements(let all, let of): (verb, elements, set) = ("delete", all, of)
    default: return description
    }
    guard range.count == 1, elements.indices.contains(range.lowerBound) else {
      return "\(verb) \(range.count) elements of set \(set.id)"
    }
    return "\(verb) element \(set.id) { \(elements[range.lowerBound]) }"
  }
}
