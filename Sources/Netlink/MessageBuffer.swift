import CLinux

/// Messages for the kernel, encoded in one pass: lengths are patched in when a message or a nest is closed, so no
/// size is ever computed by hand. Everything is in host byte order unless a name says otherwise: netlink(7).
public struct MessageBuffer: Sendable {
  /// The encoded messages, one after another, each padded to four bytes.
  public private(set) var bytes: [UInt8] = []
  public private(set) var messages: [Entry] = []
  /// Set when a nest or an attribute grew over the 65,535 bytes its length field can say; such a buffer is refused
  /// when it is sent.
  public private(set) var isOversized = false

  /// What is known of one message: where it is, and what it is for.
  public struct Entry: Sendable, Hashable {
    public var offset: Int
    public var flags: MessageFlags
    /// What the message does, in words for an error: `create bridge svbr0`.
    public var operation: String
  }

  public init(reservingCapacity capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  // What is generic is inlined where it is used, and calls what is not: another module would go through witness tables
  // for each byte.

  /// Adds a message. Its sequence number is 0 until it is sent.
  @inlinable
  public mutating func message<E: Error>(
    _ type: UInt16, _ flags: MessageFlags, operation: String, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    let start = beginMessage(type, flags, operation)
    try body(&self)
    endMessage(start)
  }

  @usableFromInline
  mutating func beginMessage(_ type: UInt16, _ flags: MessageFlags, _ operation: String) -> Int {
    let start = bytes.count
    messages.append(Entry(offset: start, flags: flags, operation: operation))
    append(UInt32(0))
    append(type)
    append(flags.rawValue)
    append(UInt32(0))  // sequence
    append(UInt32(0))  // port id: the kernel knows
    return start
  }

  @usableFromInline
  mutating func endMessage(_ start: Int) {
    patch(UInt32(bytes.count - start), at: start)
    pad()
  }

  /// Has the last message ask for an ack (NLM_F_ACK). The kernel carries messages out in order, so it tells that all
  /// are done; one that fails is answered in any case.
  public mutating func acknowledgeLast() {
    guard let last = messages.indices.last else { return }
    messages[last].flags.insert(.acknowledge)
    patch(messages[last].flags.rawValue, at: messages[last].offset + MessageHeader.flagsOffset)
  }

  // MARK: Fixed parts

  /// Appends an integer as it lies in memory: host byte order.
  @inlinable
  public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    append(UInt64(truncatingIfNeeded: value.littleEndian), count: MemoryLayout<Value>.size)
  }

  /// The lowest bytes of a number, the lowest first.
  @usableFromInline
  mutating func append(_ value: UInt64, count: Int) {
    precondition(count <= 8, "netlink has no integers of more than 64 bits")
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  /// Appends bytes as they are, and pads to four.
  public mutating func append(contentsOf payload: some Collection<UInt8>) {
    bytes.append(contentsOf: payload)
    pad()
  }

  // MARK: Attributes

  /// An integer in host byte order.
  @inlinable
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, _ value: Value) {
    attribute(
      UInt16(truncatingIfNeeded: type), number: UInt64(truncatingIfNeeded: value.littleEndian),
      count: MemoryLayout<Value>.size)
  }

  /// An integer in network byte order, as nf_tables and conntrack want theirs.
  @inlinable
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, bigEndian value: Value) {
    attribute(type, value.byteSwapped)
  }

  @usableFromInline
  mutating func attribute(_ type: UInt16, number: UInt64, count: Int) {
    append(UInt16(4 + count))
    append(type)
    append(number, count: count)
    pad()
  }

  @inlinable
  public mutating func attribute(_ type: some BinaryInteger, bytes payload: some Collection<UInt8>) {
    let start = beginAttribute(UInt16(truncatingIfNeeded: type))
    append(Array(payload))
    endAttribute(start)
  }

  /// A string with its terminating NUL.
  @inlinable
  public mutating func attribute(_ type: some BinaryInteger, _ string: String) {
    let start = beginAttribute(UInt16(truncatingIfNeeded: type))
    append(Array(string.utf8))
    append(UInt8(0))
    endAttribute(start)
  }

  /// An attribute that says something by being there.
  @inlinable
  public mutating func flag(_ type: some BinaryInteger) { open(type) { _ in } }

  /// An attribute that holds attributes, with NLA_F_NESTED.
  @inlinable
  public mutating func nest<E: Error>(
    _ type: some BinaryInteger, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    try open(Self.nested(UInt16(truncatingIfNeeded: type)), body)
  }

  /// An attribute whose payload `body` appends: a fixed struct, or a nest that must not have NLA_F_NESTED.
  @inlinable
  public mutating func open<E: Error>(
    _ type: some BinaryInteger, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    let start = beginAttribute(UInt16(truncatingIfNeeded: type))
    try body(&self)
    endAttribute(start)
  }

  @usableFromInline
  static func nested(_ type: UInt16) -> UInt16 { type | UInt16(NLA_F_NESTED) }

  @usableFromInline
  mutating func append(_ payload: [UInt8]) { bytes.append(contentsOf: payload) }

  @usableFromInline
  mutating func beginAttribute(_ type: UInt16) -> Int {
    let start = bytes.count
    append(UInt16(0))
    append(type)
    return start
  }

  @usableFromInline
  mutating func endAttribute(_ start: Int) {
    let length = bytes.count - start
    if length > Int(UInt16.max) { isOversized = true }
    patch(UInt16(truncatingIfNeeded: length), at: start)
    pad()
  }

  // MARK: Patching

  /// Writes an integer, in host byte order, over bytes appended before.
  public mutating func patch<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    var rest = value.littleEndian
    for index in offset..<(offset + MemoryLayout<Value>.size) {
      bytes[index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
  }

  /// Numbers the messages from `first` on.
  mutating func number(from first: UInt32) {
    for (index, entry) in messages.enumerated() {
      patch(first &+ UInt32(truncatingIfNeeded: index), at: entry.offset + MessageHeader.sequenceOffset)
    }
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }
}
