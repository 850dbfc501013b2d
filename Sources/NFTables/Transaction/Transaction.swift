/// Changes of the ruleset, of any number of tables and families, that the kernel carries out all at once or not at all.
///
/// A transaction is a value: it is built and can be printed, compared and checked before it is applied.
public struct Transaction: Hashable, Sendable {
  /// In the order in which they are carried out: a chain comes before the rules that jump to it.
  public private(set) var operations: [Operation] = []
  /// The generation of the ruleset that this was computed from. When it is another by the time of the change, nothing
  /// is changed, and the error is ERESTART: read again. nil changes whatever is there.
  public var generation: UInt32?

  public init(_ operations: [Operation] = [], generation: UInt32? = nil) {
    self.operations = operations
    self.generation = generation
  }

  public var isEmpty: Bool { operations.isEmpty }

  public mutating func append(_ operation: Operation) { operations.append(operation) }
  public mutating func append(contentsOf other: Transaction) { operations += other.operations }

  // MARK: Tables

  public mutating func add(_ table: Table) { append(.addTable(table)) }
  public mutating func create(_ table: Table) { append(.createTable(table)) }
  public mutating func delete(_ table: Table.ID) { append(.deleteTable(table)) }
  public mutating func destroy(_ table: Table.ID) { append(.destroyTable(table)) }
  public mutating func flush(_ table: Table.ID) { append(.flushTable(table)) }

  // MARK: Chains and rules

  public mutating func add(_ chain: Chain) { append(.addChain(chain)) }
  public mutating func delete(_ chain: Chain.ID) { append(.deleteChain(chain)) }
  public mutating func flush(_ chain: Chain.ID) { append(.flushChain(chain)) }
  public mutating func add(_ rule: Rule) { append(.addRule(rule)) }
  /// - Parameter next: The rule that it is to stand before; nil for the top of its chain.
  public mutating func insert(_ rule: Rule, before next: InstalledRule? = nil) {
    append(.insertRule(rule, before: next?.handle))
  }
  public mutating func delete(_ rule: InstalledRule) { append(.deleteRule(handle: rule.handle, in: rule.rule.chain)) }

  // MARK: Objects

  public mutating func add(_ object: StatefulObject) { append(.addObject(object)) }
  public mutating func delete(_ object: StatefulObject.ID) { append(.deleteObject(object)) }
  public mutating func destroy(_ object: StatefulObject.ID) { append(.destroyObject(object)) }

  // MARK: Sets and elements

  public mutating func add(_ set: NamedSet) { append(.addSet(set)) }
  public mutating func delete(_ set: NamedSet.ID) { append(.deleteSet(set)) }
  public mutating func flush(_ set: NamedSet.ID) { append(.flushSet(set)) }

  public mutating func add(_ elements: [Element], to set: NamedSet) {
    if !elements.isEmpty { append(.addElements(elements, set)) }
  }

  public mutating func delete(_ elements: [Element], from set: NamedSet) {
    if !elements.isEmpty { append(.deleteElements(elements, set)) }
  }

  public mutating func destroy(_ elements: [Element], from set: NamedSet) {
    if !elements.isEmpty { append(.destroyElements(elements, set)) }
  }
}

extension Transaction: CustomStringConvertible {
  /// One command a line, as nft(8) would write it.
  public var description: String { operations.map(\.description).joined(separator: "\n") }
}
