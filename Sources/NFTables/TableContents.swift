/// A table with its contents, either as desired or as read from the kernel.
public struct TableContents: Hashable, Sendable {
  /// The table.
  public var table: Table
  /// The stateful objects.
  public var objects: [StatefulObject] = []
  /// The sets and maps.
  public var sets: [NamedSet] = []
  /// The elements of each set, by the set's name; a set without an entry is empty.
  public var elements: [String: [Element]] = [:]
  /// The chains.
  public var chains: [Chain] = []
  /// The rules; those of one chain are in order.
  public var rules: [Rule] = []

  /// A table without contents.
  public init(_ table: Table) { self.table = table }

  /// Adds an object.
  public mutating func add(_ object: StatefulObject) { objects.append(object) }

  /// Adds a set or map with its elements.
  public mutating func add(_ set: NamedSet, _ elements: [Element] = []) {
    sets.append(set)
    if !elements.isEmpty { self.elements[set.id.name] = elements }
  }

  /// Adds a chain.
  public mutating func add(_ chain: Chain) { chains.append(chain) }
  /// Adds a rule at the end of its chain.
  public mutating func add(_ rule: Rule) { rules.append(rule) }

  /// The contents in a form that does not depend on how they were built or read: objects, sets, chains and elements are
  /// sorted by name and key, and what the kernel changes on its own is left out. Contents that were installed equal those
  /// that are read back if their normal forms are equal.
  public var normalForm: TableContents {
    var contents = TableContents(table.normalForm)
    contents.objects = objects.map(\.normalForm).sorted {
      ($0.name, $0.kind.type.rawValue) < ($1.name, $1.kind.type.rawValue)
    }
    contents.sets = sets.map(\.normalForm).sorted { $0.id.name < $1.id.name }
    contents.elements = elements.compactMapValues { elements in
      elements.isEmpty
        ? nil : elements.map(\.normalForm).sorted { $0.sortingKey.lexicographicallyPrecedes($1.sortingKey) }
    }
    contents.chains = chains.map(\.normalForm).sorted { $0.id.name < $1.id.name }
    contents.rules = contents.chains.flatMap { chain in
      rules.filter { $0.chain == chain.id }.map(\.normalForm)
    }
    return contents
  }

  /// Returns true if the normal forms of two tables are equal, without sorting them.
  public func isSame(as other: TableContents) -> Bool {
    guard table.normalForm == other.table.normalForm, chains.count == other.chains.count,
      sets.count == other.sets.count,
      objects.count == other.objects.count, rules.count == other.rules.count,
      Set(chains.map(\.normalForm)) == Set(other.chains.map(\.normalForm)),
      Set(sets.map(\.normalForm)) == Set(other.sets.map(\.normalForm)),
      Set(objects.map(\.normalForm)) == Set(other.objects.map(\.normalForm))
    else { return false }
    let (own, others) = (
      Dictionary(grouping: rules, by: \.chain), Dictionary(grouping: other.rules, by: \.chain)
    )
    let isSameRules =
      own.keys == others.keys
      && own.allSatisfy { chain, rules in
        rules.elementsEqual(others[chain, default: []]) { $0.normalForm == $1.normalForm }
      }
    return isSameRules
      && sets.allSatisfy { set in
        let (own, others) = (elements[set.id.name, default: []], other.elements[set.id.name, default: []])
        return own.count == others.count && Set(own.map(\.normalForm)) == Set(others.map(\.normalForm))
      }
  }

  /// The transaction after which the table has exactly these contents, whether it existed or not. All chains and objects
  /// precede all rules and elements, so that these may refer to any of them.
  public var installation: Transaction {
    var transaction = Transaction()
    transaction.destroy(table.id)
    transaction.add(table)
    for object in objects { transaction.add(object) }
    for set in sets { transaction.add(set) }
    for chain in chains { transaction.add(chain) }
    for set in sets { transaction.add(elements[set.id.name] ?? [], to: set) }
    for rule in rules { transaction.add(rule) }
    return transaction
  }
}

extension TableContents: CustomStringConvertible {
  /// The contents as commands of nft(8), one per line.
  public var description: String { installation.operations.dropFirst().map(\.description).joined(separator: "\n") }
}

// MARK: - Normal forms

extension Table {
  /// The table without attributes of newer kernels.
  public var normalForm: Table {
    var table = self
    table.unknown = []
    return table
  }
}

extension Chain {
  /// The chain without attributes of newer kernels.
  public var normalForm: Chain {
    var chain = self
    chain.unknown = []
    return chain
  }
}

extension StatefulObject {
  /// The object without attributes of newer kernels.
  public var normalForm: StatefulObject {
    var object = self
    object.unknown = []
    object.unknownData = []
    return object
  }
}

extension NamedSet {
  /// The set without what the kernel adds: the number of elements, the size of a set to which rules add elements, attributes
  /// of newer kernels. For an integer within a key, the kernel only knows the padded size, in words of four bytes.
  public var normalForm: NamedSet {
    var set = self
    set.count = nil
    set.unknown = []
    if flags.contains(.dynamic), size == Self.dynamicSize { set.size = nil }
    if keyTypes.count > 1 { set.keyTypes = keyTypes.map { $0.isInteger ? .integer($0.paddedSize) : $0 } }
    return set
  }
}

extension Element {
  /// The element without its remaining lifetime and without attributes of newer kernels. Integers within a key have their
  /// padded size, the only size that the kernel knows.
  public var normalForm: Element {
    var element = self
    element.expiration = nil
    element.unknown = []
    if key.count > 1 {
      element.key = key.map(\.padded)
      element.keyEnd = keyEnd?.map(\.padded)
    }
    return element
  }

  fileprivate var sortingKey: [UInt8] { key.keyBytes }
}
