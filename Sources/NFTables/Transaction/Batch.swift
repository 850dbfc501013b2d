import CLinux
import Linux
import Netlink

/// A transaction as nfnetlink messages, from NFNL_MSG_BATCH_BEGIN to NFNL_MSG_BATCH_END.
struct Batch {
  /// The origin of a message, for error texts.
  private struct Origin {
    /// The index of its operation in the transaction.
    var operation: Int
    /// The indices of the operation's elements that it carries, and the offset of each in the message, in bytes.
    var elements: Swift.Range<Int>?
    var elementOffsets: [Int] = []
  }

  private(set) var messages: MessageBuffer
  private var origins: [Origin] = []
  private let transaction: Transaction
  private var setCount: UInt32 = 0

  /// The limit for the elements of one message, in bytes: the attribute that holds them is limited to 65,535.
  private static let elementBytes = 48 << 10

  init(_ transaction: Transaction) {
    self.transaction = transaction
    messages = MessageBuffer(reservingCapacity: 512 + transaction.operations.count * 256)
    messages.batchBoundary(NFNL_MSG_BATCH_BEGIN, generation: transaction.generation)
    for (index, operation) in transaction.operations.enumerated() { encode(operation, index) }
    // Not on the end of the batch: before Linux 6.10 the kernel does not acknowledge it.
    messages.acknowledgeLast()
    messages.batchBoundary(NFNL_MSG_BATCH_END)
  }

  // MARK: Changes

  private mutating func encode(_ operation: Operation, _ index: Int) {
    switch operation {
    case .addTable(let table): message(.newTable, .create, index, table.id) { table.encode(into: &$0) }
    case .destroyTable(let table):
      message(.newTable, .create, index, table) { $0.put(NFTA_TABLE_NAME, table.name) }
      message(.deleteTable, [], index, table) { $0.put(NFTA_TABLE_NAME, table.name) }

    case .addChain(let chain): message(.newChain, .create, index, chain.id.table) { chain.encode(into: &$0) }
    case .deleteChain(let chain):
      message(.deleteChain, [], index, chain.table) {
        $0.put(NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, chain.table, chain.name)
      }
    case .flushChain(let chain):
      message(.deleteRule, [], index, chain.table) { $0.put(NFTA_RULE_TABLE, NFTA_RULE_CHAIN, chain.table, chain.name) }

    case .addRule(let rule):
      message(.newRule, [.create, .append], index, rule.chain.table) { rule.encode(into: &$0) }
    case .insertRule(let rule, let next):
      message(.newRule, .create, index, rule.chain.table) {
        rule.encode(into: &$0)
        if let next { $0.put(NFTA_RULE_POSITION, long: next) }
      }
    case .deleteRule(let handle, let chain):
      message(.deleteRule, [], index, chain.table) {
        $0.put(NFTA_RULE_TABLE, NFTA_RULE_CHAIN, chain.table, chain.name)
        $0.put(NFTA_RULE_HANDLE, long: handle)
      }

    case .addSet(let set):
      setCount += 1
      let number = setCount
      message(.newSet, .create, index, set.id.table) { set.encode(into: &$0, number: number) }
    case .deleteSet(let set):
      message(.deleteSet, [], index, set.table) { $0.put(NFTA_SET_TABLE, NFTA_SET_NAME, set.table, set.name) }

    case .addObject(let object): message(.newObject, .create, index, object.table) { object.encode(into: &$0) }
    case .deleteObject(let object): message(.deleteObject, [], index, object.table) { $0.put(object) }

    case .addElements(let elements, let set): encode(elements, .newElement, .create, index, set)
    case .deleteElements(let elements, let set): encode(elements, .deleteElement, [], index, set)
    }
  }

  private mutating func message(
    _ type: MessageType, _ flags: MessageFlags, _ operation: Int, _ table: Table.ID,
    _ body: (inout MessageBuffer) -> Void
  ) {
    origins.append(Origin(operation: operation))
    messages.message(type, flags, table.family, body)
  }

  /// Appends as many messages as the elements need.
  private mutating func encode(
    _ elements: [Element], _ type: MessageType, _ flags: MessageFlags, _ operation: Int, _ set: NamedSet
  ) {
    var next = 0
    while next < elements.count {
      let first = next
      var offsets: [Int] = []
      messages.message(type, flags, set.id.table.family) {
        let start = $0.messages.last?.offset ?? 0
        $0.put(NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET, set.id.table, set.id.name)
        $0.nest(NFTA_SET_ELEM_LIST_ELEMENTS) {
          let limit = $0.bytes.count + Self.elementBytes
          while next < elements.count, $0.bytes.count < limit {
            offsets.append($0.bytes.count - start)
            for part in StoredElement.parts(of: elements[next], in: set) { part.encode(into: &$0) }
            next += 1
          }
        }
      }
      origins.append(Origin(operation: operation, elements: first..<next, elementOffsets: offsets))
    }
  }

  // MARK: Errors

  /// Adds to a failure the operation that failed, and, if it has many elements, the element.
  func explain(_ failure: KernelError) -> KernelError {
    var failure = failure
    // The first message is NFNL_MSG_BATCH_BEGIN. Its answer is for the batch as a whole.
    guard origins.indices.contains(failure.index - 1) else {
      let count = transaction.operations.count
      failure.operation = "change the ruleset (\(count == 1 ? "one operation" : "\(count) operations"))"
      return failure
    }
    let origin = origins[failure.index - 1]
    let operation = transaction.operations[origin.operation]
    guard var range = origin.elements else {
      failure.operation = operation.description
      return failure
    }
    if let offset = failure.offset,
      let place = origin.elementOffsets.lastIndex(where: { $0 <= Int(offset) })
    {
      range = (range.lowerBound + place)..<(range.lowerBound + place + 1)
    }
    failure.operation = operation.description(ofElements: range)
    return failure
  }
}
