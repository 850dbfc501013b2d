extension JSON {
  /// Encodes a value. Members keep the order in which the value encodes them.
  ///
  /// Foundation's encoder costs a process 0.3 to 0.5 ms at its first use, and does not keep the order.
  init(_ value: some Encodable) { self = JSONNode(value).json }
}

/// A value that is being encoded, its encoder, and its container if it is a single value. No value of the library looks
/// at its coding path, so there is none.
private final class JSONNode: Encoder, SingleValueEncodingContainer {
  private var scalar = JSON.null
  private var members: [(name: String, node: JSONNode)]?
  private var elements: [JSONNode]?
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init() {}
  init(_ value: some Encodable) { encode(value) }

  var json: JSON {
    if let members { return .object(members.map { ($0.name, $0.node.json) }) }
    if let elements { return .array(elements.map(\.json)) }
    return scalar
  }

  /// - Returns: `node`, which becomes a member of this one.
  @discardableResult
  func add(_ node: JSONNode, _ key: some CodingKey) -> JSONNode {
    members?.append((key.stringValue, node))
    return node
  }

  var count: Int { elements?.count ?? 0 }

  /// - Returns: `node`, which becomes the last element of this one.
  @discardableResult
  func add(_ node: JSONNode) -> JSONNode {
    elements?.append(node)
    return node
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    // A second container, of a part that is encoded beside the others, adds its members.
    if members == nil { members = [] }
    return KeyedEncodingContainer(KeyedJSON(node: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if elements == nil { elements = [] }
    return UnkeyedJSON(node: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { scalar = .null }

  func encode(_ value: some Encodable) {
    switch value {
    case let text as String: scalar = .string(text)
    case let isTrue as Bool: scalar = .bool(isTrue)
    case let number as any BinaryInteger: scalar = .number(Int(clamping: number))
    case let number as Double: scalar = .decimal(number)
    default:
      // No value of the library throws when it is encoded.
      do { try value.encode(to: self) } catch { scalar = .null }
    }
  }
}

private struct KeyedJSON<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { node.add(JSONNode(), key) }
  func encode(_ value: some Encodable, forKey key: Key) { node.add(JSONNode(value), key) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    node.add(JSONNode(), key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    node.add(JSONNode(), key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { node }
  func superEncoder(forKey key: Key) -> any Encoder { node.add(JSONNode(), key) }
}

private struct UnkeyedJSON: UnkeyedEncodingContainer {
  let node: JSONNode
  var codingPath: [any CodingKey] { [] }
  var count: Int { node.count }

  func encodeNil() { node.add(JSONNode()) }
  func encode(_ value: some Encodable) { node.add(JSONNode(value)) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    node.add(JSONNode()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.add(JSONNode()).unkeyedContainer() }
  func superEncoder() -> any Encoder { node.add(JSONNode()) }
}
