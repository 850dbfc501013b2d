/// One change of the ruleset.
public enum Operation: Hashable, Sendable {
  /// Makes the table unless it is there.
  case addTable(Table)
  /// Makes the table; fails with EEXIST when it is there.
  case createTable(Table)
  /// Deletes the table with all it holds; fails with ENOENT when it is not there.
  case deleteTable(Table.ID)
  /// Deletes the table with all it holds, if it is there. Any kernel can: it is made unless it is there, then deleted.
  case destroyTable(Table.ID)
  /// Deletes the rules of all the table's chains.
  case flushTable(Table.ID)

  /// Makes the chain unless it is there; sets the policy of a base chain that is.
  case addChain(Chain)
  case deleteChain(Chain.ID)
  /// Deletes the rules of the chain.
  case flushChain(Chain.ID)

  /// Makes the set unless it is there; fails with EEXIST when one is there that differs.
  case addSet(NamedSet)
  case deleteSet(NamedSet.ID)
  /// Deletes all elements of the set.
  case flushSet(NamedSet.ID)

  /// Makes the object unless it is there. One that is there stays as it is, whatever the other's rate.
  case addObject(StatefulObject)
  /// Deletes the object; fails with EBUSY while a rule or an element uses it.
  case deleteObject(StatefulObject.ID)
  /// Deletes the object if it is there. Since Linux 6.3: see `NFTablesSocket.supportsDestroy()`.
  case destroyObject(StatefulObject.ID)

  /// Adds elements unless they are there; fails with EEXIST when a map has other data for a key.
  case addElements([Element], NamedSet)
  /// Deletes elements; fails with ENOENT when one is not there.
  case deleteElements([Element], NamedSet)
  /// Deletes elements that are there. Since Linux 6.3: see `NFTablesSocket.supportsDestroy()`.
  case destroyElements([Element], NamedSet)

  /// Adds the rule at the end of its chain, whether or not an equal one is there.
  case addRule(Rule)
  /// Adds the rule at the beginning of its chain, whether or not an equal one is there.
  case insertRule(Rule, before: UInt64?)
  case deleteRule(handle: UInt64, in: Chain.ID)
}

extension Operation: CustomStringConvertible {
  /// A command of nft(8), or close to one: `add element bridge tapestry taps { "tap0" }`.
  public var description: String {
    switch self {
    case .addTable(let table): "add table \(table.text)"
    case .createTable(let table): "create table \(table.text)"
    case .deleteTable(let table): "delete table \(table)"
    case .destroyTable(let table): "destroy table \(table)"
    case .flushTable(let table): "flush table \(table)"
    case .addChain(let chain): "add chain \(chain.text)"
    case .deleteChain(let chain): "delete chain \(chain)"
    case .flushChain(let chain): "flush chain \(chain)"
    case .addSet(let set): "add \(set.text)"
    case .deleteSet(let set): "delete set \(set)"
    case .flushSet(let set): "flush set \(set)"
    case .addObject(let object): "add \(object.text)"
    case .deleteObject(let object): "delete \(object.type) \(object)"
    case .destroyObject(let object): "destroy \(object.type) \(object)"
    case .addElements(let elements, let set): "add element \(set.id) \(Self.text(elements))"
    case .deleteElements(let elements, let set): "delete element \(set.id) \(Self.text(elements))"
    case .destroyElements(let elements, let set): "destroy element \(set.id) \(Self.text(elements))"
    case .addRule(let rule): "add rule \(rule.chain) \(rule)"
    case .insertRule(let rule, _): "insert rule \(rule.chain) \(rule)"
    case .deleteRule(let handle, let chain): "delete rule \(chain) handle \(handle)"
    }
  }

  private static func text(_ elements: [Element]) -> String {
    "{ \(elements.map(\.description).joined(separator: ", ")) }"
  }

  /// The operation for an error: of many elements, those that a message carries are counted, or the one is named.
  func description(ofElements range: Swift.Range<Int>) -> String {
    let (verb, elements, set): (String, [Element], NamedSet)
    switch self {
    case .addElements(let all, let of): (verb, elements, set) = ("add", all, of)
    case .deleteElements(let all, let of): (verb, elements, set) = ("delete", all, of)
    case .destroyElements(let all, let of): (verb, elements, set) = ("destroy", all, of)
    default: return description
    }
    guard range.count == 1, elements.indices.contains(range.lowerBound) else {
      return "\(verb) \(range.count) elements of set \(set.id)"
    }
    return "\(verb) element \(set.id) { \(elements[range.lowerBound]) }"
  }
}
