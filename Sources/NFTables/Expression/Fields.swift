import Netlink

/// The attributes of an expression. Reading one removes it; those that remain are unknown to this code. If an attribute
/// occurs twice, the last one counts, as in the kernel (nla_parse).
struct Fields {
  private(set) var rest: [RawAttribute] = []

  init(_ attributes: [UInt8]) throws(DecodingFailure) {
    try attributes.read { span throws(DecodingFailure) in
      try span.forEachAttribute { type, value throws(DecodingFailure) in
        rest.removeAll { $0.type == type }
        rest.append(RawAttribute(type: type, payload: value.array))
      }
    }
  }

  mutating func bytes(_ type: some RawRepresentable<UInt32>) -> [UInt8]? {
    guard let index = rest.firstIndex(where: { $0.type == type.attribute }) else { return nil }
    return rest.remove(at: index).payload
  }

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: some RawRepresentable<UInt32>, as: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value? {
    guard let bytes = bytes(type) else { return nil }
    return try bytes.read { span throws(DecodingFailure) in Value(bigEndian: try span.exactly()) }
  }

  mutating func register(_ type: some RawRepresentable<UInt32>) throws(DecodingFailure) -> Register? {
    guard let number: UInt32 = try integer(type) else { return nil }
    return try Register(number: number)
  }

  /// The register of a load, or else of a store.
  mutating func access(
    load: some RawRepresentable<UInt32>, store: some RawRepresentable<UInt32>
  ) throws(DecodingFailure) -> Access {
    if let register = try register(load) { return .load(register) }
    return .store(try required(register(store), "a register"))
  }

  /// Whether flags include the only one that this code knows. Throws if they include another.
  mutating func flag(_ type: some RawRepresentable<UInt32>, _ known: UInt32) throws(DecodingFailure) -> Bool {
    let flags: UInt32 = try integer(type) ?? 0
    guard flags & ~known == 0 else { throw DecodingFailure("flags \(flags)") }
    return flags != 0
  }

  mutating func string(_ type: some RawRepresentable<UInt32>) -> String? {
    bytes(type).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The value within a nest of data (NFTA_DATA_VALUE).
  mutating func data(_ type: some RawRepresentable<UInt32>) throws(DecodingFailure) -> [UInt8]? {
    guard let bytes = bytes(type) else { return nil }
    return try bytes.read { span throws(DecodingFailure) in try span.dataValue() }
  }

  /// An enumeration value, which must be one that this code knows.
  mutating func choice<Choice: RawRepresentable<UInt32>>(
    _ type: some RawRepresentable<UInt32>, as: Choice.Type = Choice.self
  ) throws(DecodingFailure) -> Choice {
    let number: UInt32 = try required(integer(type), "a value")
    return try required(Choice(rawValue: number), "a known value, not \(number)")
  }
}

extension [UInt8] {
  /// Calls `body` with the bytes as a span, as decoders take those of the kernel.
  func read<Value>(_ body: (RawSpan) throws(DecodingFailure) -> Value) throws(DecodingFailure) -> Value {
    try unsafe body(span.bytes)
  }
}

/// Returns a value that an expression must have, or throws.
func required<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(DecodingFailure) -> Value {
  guard let value else { throw DecodingFailure("an expression without \(what())") }
  return value
}
