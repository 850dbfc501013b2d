public import Linux

extension Transaction {
  /// Checks what can be checked without the kernel: that elements fit their sets, that comments are not too long, and that
  /// hooks exist in their families. `NFTablesSocket.apply(_:)` calls this too.
  /// - Throws: `KernelError` with EINVAL for the first invalid operation: `kernelMessage` says what is wrong with it.
  public func validate() throws(KernelError) {
    for operation in operations {
      switch operation {
      case .addTable(let table): try check(operation.description, table.userData.problem)
      case .addChain(let chain): try check(operation.description, chain.problem)
      case .addSet(let set): try check(operation.description, set.problem)
      case .addObject(let object): try check(operation.description, object.userData.problem)
      case .addRule(let rule), .insertRule(let rule, _): try check(operation.description, rule.userData.problem)
      case .addElements(let elements, let set), .deleteElements(let elements, let set):
        for (index, element) in elements.enumerated() {
          try check(operation.description(ofElements: index..<(index + 1)), element.problem(in: set))
        }
      case .destroyTable, .deleteChain, .flushChain, .deleteSet, .deleteRule, .deleteObject: break
      }
    }
  }

  private func check(_ operation: @autoclosure () -> String, _ problem: String?) throws(KernelError) {
    if let problem { throw KernelError(operation: operation(), errno: .invalidArgument, kernelMessage: problem) }
  }
}

extension UserData {
  /// NFT_USERDATA_MAXLEN.
  private static let maximumBytes = 256

  fileprivate var problem: String? {
    if let comment = text(0), comment.utf8.count > Self.longestComment {
      return "the comment is longer than \(Self.longestComment) bytes"
    }
    if entries.contains(where: { $0.value.count > Int(UInt8.max) }) || bytes.count > Self.maximumBytes {
      return "the user data is longer than \(Self.maximumBytes) bytes"
    }
    return nil
  }
}

extension Chain {
  fileprivate var problem: String? {
    if let base, base.hook.number(in: id.table.family) == nil {
      return "family \(id.table.family) has no hook \(base.hook)"
    }
    return userData.problem
  }
}

extension NamedSet {
  /// A type takes six of the 32 bits of NFTA_SET_KEY_TYPE.
  private static let maximumTypes = 5

  fileprivate var problem: String? {
    if keyTypes.isEmpty { return "a set needs at least one key type" }
    if keyTypes.count > Self.maximumTypes { return "a key has at most \(Self.maximumTypes) parts" }
    if case .values(let types) = data, !(1...Self.maximumTypes).contains(types.count) {
      return "the data of a map has 1 to \(Self.maximumTypes) parts"
    }
    if flags.contains(.interval), keyTypes.contains(where: { !$0.isOrdered }) {
      return "the kernel compares bytes, so ranges of values in host byte order do not work"
    }
    if let comment, comment.utf8.count > UserData.longestComment {
      return "the comment is longer than \(UserData.longestComment) bytes"
    }
    return userData.problem
  }
}

extension DataType {
  /// Whether the order of the bytes, which the kernel uses, is that of the values.
  fileprivate var isOrdered: Bool { byteOrder != .host || size == 1 || self == .interfaceName }
}

extension Element {
  fileprivate func problem(in set: NamedSet) -> String? {
    if !key.isEmpty, !key.matches(set.keyTypes) { return "the key is not of type \(set.keyTypes.text)" }
    if let keyEnd {
      if !set.flags.contains(.interval) { return "the set lacks the flag interval" }
      if !keyEnd.matches(set.keyTypes) { return "the last key is not of type \(set.keyTypes.text)" }
      if zip(key, keyEnd).contains(where: { $1.bytes.lexicographicallyPrecedes($0.bytes) }) {
        return "the range ends before it begins"
      }
    }
    if timeout != nil, !set.flags.contains(.timeout) { return "the set lacks the flag timeout" }
    return dataProblem(in: set) ?? userData.problem
  }

  private func dataProblem(in set: NamedSet) -> String? {
    switch (data, set.data) {
    case (nil, _), (.verdict?, .verdict?), (.object?, .objects?): nil
    case (.values(let values)?, .values(let types)?) where values.matches(types): nil
    case (_, nil): "the set is not a map"
    case (_, .values(let types)?): "the data is not of type \(types.text)"
    case (_, .verdict?): "the data is not a verdict"
    case (_, .objects(let type)?): "the data is not the name of a \(type)"
    }
  }
}

extension [Datum] {
  fileprivate func matches(_ types: [DataType]) -> Bool {
    count == types.count && zip(self, types).allSatisfy { $0.type == $1 && $0.bytes.count == $1.size }
  }
}
