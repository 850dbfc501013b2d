public import NetTypes

/// A set whose keys are Swift values. `TypedSet<InterfaceName, MACAddress>` is nft's `type ifname . ether_addr`: the set's
/// types and its flag `interval` follow from the Swift types, and its elements are written and read by them.
///
/// The keys are constrained in the extension alone: the runtime looks up the conformances that a type requires of its
/// parameters, in each process and for each set, which takes longer than all that a set is used for.
public struct TypedSet<each Key>: SetDeclaration {
  /// The set as the kernel knows it.
  public fileprivate(set) var named: NamedSet
}

extension TypedSet where repeat each Key: SetKey {
  /// - Parameters:
  ///   - table: The table of the set.
  ///   - name: The name of the set.
  ///   - family: That of keys whose Swift type is an address of either.
  ///   - flags: Flags that the types do not imply.
  ///   - timeout: The default lifetime of elements, in milliseconds; nil for none.
  public init(
    _ table: Table.ID, _ name: String, of family: IPFamily = .v4, flags: NamedSet.Flags = [], timeout: UInt64? = nil
  ) {
    named = NamedSet(table, name, flags: flags, timeout: timeout)
    for type in repeat (each Key).self {
      named.keyTypes.append(type.keyType(family))
      if type.isRange { named.flags.insert(.interval) }
    }
  }

  /// A set whose keys include bytes for which nft(8) has no type. The fields have the sizes of the Swift types.
  public init(_ table: Table.ID, _ name: String, typeof fields: [Field]) {
    named = NamedSet(table, name, typeof: fields)
  }

  /// An element, with the set that it belongs to.
  public func element(_ key: repeat each Key, comment: String? = nil) -> (NamedSet, Element) {
    var (first, last): ([Datum], [Datum]) = ([], [])
    first.reserveCapacity(named.keyTypes.count)
    for part in repeat each key {
      let (type, ends) = (named.keyTypes[first.count], part.ends)
      first.append(Datum(type, bytes: ends.first.keyBytes))
      if named.flags.contains(.interval) { last.append(Datum(type, bytes: ends.last.keyBytes)) }
    }
    return (named, Element(key: first, through: last.isEmpty ? nil : last, comment: comment))
  }

  /// The key of an element of this set. Returns nil if the element cannot be one: if its key has other types, is a range
  /// where the set has single values, or is no such value.
  public func key(of element: Element) -> (repeat each Key)? {
    let (types, ends) = (named.keyTypes, element.keyEnd)
    guard element.key.elementsEqual(types, by: { $0.type.number == $1.number }),
      ends?.count ?? types.count == types.count
    else { return nil }
    var index = 0
    func next<Part: SetKey>(_: Part.Type) throws(Mismatch) -> Part {
      defer { index += 1 }
      let size = types[index].size
      guard let first = Part.Bound(keyBytes: element.key[index].bytes(size)),
        let last = ends.map({ Part.Bound(keyBytes: $0[index].bytes(size)) }) ?? first,
        let part = Part(first: first, last: last)
      else { throw Mismatch() }
      return part
    }
    do { return (repeat try next((each Key).self)) } catch { return nil }
  }
}

private struct Mismatch: Error {}

extension Datum {
  /// The bytes of a value of this size. In a set that was read from the kernel, an integer is padded with zeros.
  fileprivate func bytes(_ size: Int) -> [UInt8] {
    if bytes.count == size { return bytes }
    return bytes.dropFirst(size).contains { $0 != 0 } ? bytes : [UInt8](bytes.prefix(size))
  }
}

/// A map from Swift values to a Swift value: `TypedMap<IPAddress, Verdict>` is nft's `type ipv4_addr : verdict`.
public struct TypedMap<each Key, Value>: SetDeclaration {
  private var keys: TypedSet<repeat each Key>

  /// The map as the kernel knows it.
  public var named: NamedSet { keys.named }
}

extension TypedMap where repeat each Key: SetKey, Value: MapValue {
  /// - Parameters:
  ///   - table: The table of the map.
  ///   - name: The name of the map.
  ///   - family: That of keys whose Swift type is an address of either.
  public init(_ table: Table.ID, _ name: String, of family: IPFamily = .v4) {
    keys = TypedSet(table, name, of: family)
    keys.named.data = Value.mapData
  }

  /// A map whose keys and value include bytes for which nft(8) has no type. The fields have the sizes of the Swift types.
  public init(_ table: Table.ID, _ name: String, typeof fields: [Field], mapsTo value: Field) {
    keys = TypedSet(table, name, typeof: fields)
    keys.named = NamedSet(table, name, typeof: fields, mapsTo: value)
  }

  /// An element, with the map that it belongs to.
  public func element(_ key: repeat each Key, to value: Value) -> (NamedSet, Element) {
    var (map, element) = keys.element(repeat each key)
    element.data = value.data
    // If a field declares the map's data, the type is that of the field.
    if case (.values(let values), .values(let types)?) = (value.data, map.data) {
      element.data = .values(zip(types, values).map { Datum($0, bytes: $1.bytes) })
    }
    return (map, element)
  }

  /// The key and the value of an element of this map. Returns nil if the element cannot be one.
  public func entry(of element: Element) -> (key: (repeat each Key), value: Value)? {
    guard let key = keys.key(of: element), let value = element.data.flatMap(Value.init) else { return nil }
    return (key, value)
  }
}
