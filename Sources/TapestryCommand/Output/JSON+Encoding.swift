extension JSON {
  /// Encodes a value. Members keep the order in which the value encodes them.
  ///
  /// Foundation's encoder costs a process 0.3 to 0.5 ms at its first use, and does not keep the order.
  init(_ value: some Encodable) { self = JSONNode.node(of: value).json }
}

/// A value that is being encoded.
private final class JSONNode {
  var scalar = JSON.null
  var members: [(name: String, node: JSONNode)]?
  var elements: [JSONNode]?

  var json: JSON {
    if let members { return .object(members.map { ($0.name, $0.node.json) }) }
    if let elements { return .array(elements.map(\.json)) }
    return scalar
  }

  static func node(of value: some Encodable) -> JSONNode {
    let node = JSONNode()
    switch value {
    case let text as String: node.scalar = .string(text)
    case let isTrue as Bool: node.scalar = .bool(isTrue)
    case let number as any BinaryInteger: node.scalar = .number(Int(clamping: number))
    case let number as Double: node.scalar = .decimal(number)
    default:
      // No value of the library throws when it is encoded.
      do { try value.encode(to: JSONEncoding(node: node, codingPath: [])) } catch { node.scalar = .null }
    }
    return node
  }
}

private struct JSONEncoding: Encoder {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    // A second container, of a part that is encoded beside the others, adds its members.
    if node.members == nil { node.members = [] }
    return KeyedEncodingContainer(KeyedJSON(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if node.elements == nil { node.elements = [] }
    return UnkeyedJSON(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleJSON(node: node, codingPath: codingPath) }
}

private struct KeyedJSON<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  let codingPath: [any CodingKey]

  private func add(_ key: Key, _ child: JSONNode) -> JSONNode {
    node.members?.append((key.stringValue, child))
    return child
  }

  func encodeNil(forKey key: Key) { _ = add(key, JSONNode()) }
  func encode(_ value: some Encodable, forKey key: Key) { _ = add(key, .node(of: value)) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    JSONEncoding(node: add(key, JSONNode()), codingPath: codingPath + [key]).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    JSONEncoding(node: add(key, JSONNode()), codingPath: codingPath + [key]).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { JSONEncoding(node: node, codingPath: codingPath) }
  func superEncoder(forKey key: Key) -> any Encoder { JSONEncoding(node: add(key, JSONNode()), codingPath: codingPath) }
}

private struct UnkeyedJSON: UnkeyedEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var count: Int { node.elements?.count ?? 0 }

  private func add(_ child: JSONNode) -> JSONNode {
    node.elements?.append(child)
    return child
  }

  func encodeNil() { _ = add(JSONNode()) }
  func encode(_ value: some Encodable) { _ = add(.node(of: value)) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    JSONEncoding(node: add(JSONNode()), codingPath: codingPath).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    JSONEncoding(node: add(JSONNode()), codingPath: codingPath).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { JSONEncoding(node: add(JSONNode()), codingPath: codingPath) }
}

private struct SingleJSON: SingleValueEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]

  func encodeNil() { node.scalar = .null }

  func encode(_ value: some Encodable) {
    let child = JSONNode.node(of: value)
    (node.scalar, node.members, node.elements) = (child.scalar, child.members, child.elements)
  }
}
