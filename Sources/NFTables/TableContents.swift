/// A table with all it holds: what should be, or what was read.
public struct TableContents: Hashable, Sendable {
  public var table: Table
  public var objects: [StatefulObject] = []
  public var sets: [NamedSet] = []
  /// The elements of each set, by its name; a set without an entry has none.
  public var elements: [String: [Element]] = [:]
  public var chains: [Chain] = []
  /// The rules of each chain in their order.
  public var rules: [Rule] = []

  public init(_ table: Table) { self.table = table }

  public mutating func add(_ object: StatefulObject) { objects.append(object) }

  public mutating func add(_ set: NamedSet, _ elements: [Element] = []) {
    sets.append(set)
    if !elements.isEmpty { self.elements[set.id.name] = elements }
  }

  public mutating func add(_ chain: Chain) { chains.append(chain) }
  public mutating func add(_ rule: Rule) { rules.append(rule) }

  /// The same however it was built or read: objects, sets, chains and elements in the order of their names and keys, and
  /// nothing that changes by itself. What was installed equals what is read back when their normal forms do.
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

  /// Whether two tables' normal forms are the same, without putting them in order.
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

  /// What makes the table hold this and nothing else, whether it is there or not. All chains and objects come before
  /// all rules and elements, so that any of these may use any.
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
  /// As commands of nft(8) that make it, one a line.
  public var description: String { installation.operations.dropFirst().map(\.description).joined(separator: "\n") }
}

// MARK: - Normal forms

extension Table {
  /// Without attributes that a newer kernel adds.
  public var normalForm: Table {
    var table = self
    table.unknown = []
    return table
  }
}

extension Chain {
  /// Without attributes that a newer kernel adds.
  public var normalForm: Chain {
    var chain = self
    chain.unknown = []
    return chain
  }
}

extension StatefulObject {
  /// Without attributes that a newer kernel adds.
  public var normalForm: StatefulObject {
    var object = self
    object.unknown = []
    object.unknownData = []
    return object
  }
}

extension NamedSet {
  /// Without what the kernel adds: how many elements there are, the size of a set which rules add to, newer attributes. Of a number
  /// within a key the kernel knows how much room it takes, in words of four bytes.
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
  /// Without the time that is left, and attributes that a newer kernel adds; numbers within a key with the room that they
  /// take, which is all that the kernel knows of them.
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
