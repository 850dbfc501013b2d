/// Changes of the ruleset that the kernel applies atomically, all or none. They may concern several tables and families.
///
/// A transaction is a value: it can be printed, compared and checked before it is applied.
public struct Transaction: Hashable, Sendable {
  /// The operations, in the order in which the kernel applies them: a chain precedes the rules that jump to it.
  public private(set) var operations: [Operation] = []
  /// The generation of the ruleset that this was computed from. If the ruleset has another generation when this is applied,
  /// nothing changes, and the error is ERESTART: read the ruleset again. nil applies the changes to any generation.
  public var generation: UInt32?

  /// A transaction of these operations.
  public init(_ operations: [Operation] = [], generation: UInt32? = nil) {
    self.operations = operations
    self.generation = generation
  }

  /// True if there are no operations.
  public var isEmpty: Bool { operations.isEmpty }

  /// Appends an operation.
  public mutating func append(_ operation: Operation) { operations.append(operation) }
  /// Appends the operations of another transaction.
  public mutating func append(contentsOf other: Transaction) { operations += other.operations }

  // MARK: Tables

  /// Appends `Operation.addTable`.
  public mutating func add(_ table: Table) { append(.addTable(table)) }
  /// Appends `Operation.destroyTable`.
  public mutating func destroy(_ table: Table.ID) { append(.destroyTable(table)) }

  // MARK: Chains and rules

  /// Appends `Operation.addChain`.
  public mutating func add(_ chain: Chain) { append(.addChain(chain)) }
  /// Appends `Operation.deleteChain`.
  public mutating func delete(_ chain: Chain.ID) { append(.deleteChain(chain)) }
  /// Appends `Operation.flushChain`.
  public mutating func flush(_ chain: Chain.ID) { append(.flushChain(chain)) }
  /// Appends `Operation.addRule`.
  public mutating func add(_ rule: Rule) { append(.addRule(rule)) }
  /// Appends `Operation.insertRule`.
  /// - Parameters:
  ///   - rule: The new rule.
  ///   - next: The rule to insert it before; nil for the beginning of its chain.
  public mutating func insert(_ rule: Rule, before next: InstalledRule? = nil) {
    append(.insertRule(rule, before: next?.handle))
  }
  /// Appends `Operation.deleteRule`.
  public mutating func delete(_ rule: InstalledRule) { append(.deleteRule(handle: rule.handle, in: rule.rule.chain)) }

  // MARK: Objects

  /// Appends `Operation.addObject`.
  public mutating func add(_ object: StatefulObject) { append(.addObject(object)) }
  /// Appends `Operation.deleteObject`.
  public mutating func delete(_ object: StatefulObject.ID) { append(.deleteObject(object)) }

  // MARK: Sets and elements

  /// Appends `Operation.addSet`.
  public mutating func add(_ set: NamedSet) { append(.addSet(set)) }
  /// Appends `Operation.deleteSet`.
  public mutating func delete(_ set: NamedSet.ID) { append(.deleteSet(set)) }

  /// Appends `Operation.addElements`, unless there are no elements.
  public mutating func add(_ elements: [Element], to set: NamedSet) {
    if !elements.isEmpty { append(.addElements(elements, set)) }
  }

  /// Appends `Operation.deleteElements`, unless there are no elements.
  public mutating func delete(_ elements: [Element], from set: NamedSet) {
    if !elements.isEmpty { append(.deleteElements(elements, set)) }
  }
}

extension Transaction: CustomStringConvertible {
  /// The operations as commands of nft(8), one per line.
  public var description: String { operations.map(\.description).joined(separator: "\n") }
}
