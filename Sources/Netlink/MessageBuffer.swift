import CLinux

/// Encoded netlink messages. Encoding takes one pass: the length of a message or a nest is patched in when it is
/// closed, so no size is computed by hand. Integers are in host byte order unless a name says otherwise: netlink(7).
public struct MessageBuffer: Sendable {
  /// The encoded messages, one after another, each padded to four bytes.
  public private(set) var bytes: [UInt8] = []
  /// One entry for each message, in the order of `bytes`.
  public private(set) var messages: [Entry] = []
  /// True once a nest or an attribute is longer than the 65,535 bytes that its length field can hold. Sending such a
  /// buffer fails with EMSGSIZE.
  public private(set) var isOversized = false

  /// Position and purpose of one message.
  public struct Entry: Sendable, Hashable {
    /// The offset of the message's header in `bytes`, in bytes.
    public var offset: Int
    /// The NLM_F_ flags of the header.
    public var flags: MessageFlags
    /// What the message does, for an error's text: `create bridge svbr0`.
    public var operation: String
  }

  /// An empty buffer.
  /// - Parameter capacity: Bytes to reserve.
  public init(reservingCapacity capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  // Generic functions are inlinable and call functions that are not generic: otherwise another module would go through
  // witness tables for every byte.

  /// Appends a message; `body` appends its payload. The sequence number is 0 until the buffer is sent.
  /// - Throws: The error of `body`.
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
    append(UInt32(0))  // nlmsg_pid: the kernel fills it in
    return start
  }

  @usableFromInline
  mutating func endMessage(_ start: Int) {
    patch(UInt32(bytes.count - start), at: start)
    pad()
  }

  /// Sets NLM_F_ACK on the last message. The kernel carries out messages in order, so this ack means that all are done.
  /// The kernel answers a message that fails even without NLM_F_ACK.
  public mutating func acknowledgeLast() {
    guard let last = messages.indices.last else { return }
    messages[last].flags.insert(.acknowledge)
    patch(messages[last].flags.rawValue, at: messages[last].offset + MessageHeader.flagsOffset)
  }

  // MARK: Fixed parts

  /// Appends an integer in host byte order.
  @inlinable
  public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    append(UInt64(truncatingIfNeeded: value.littleEndian), count: MemoryLayout<Value>.size)
  }

  /// Appends the lowest `count` bytes of a number, lowest byte first.
  @usableFromInline
  mutating func append(_ value: UInt64, count: Int) {
    precondition(count <= 8, "netlink has no integers of more than 64 bits")
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  /// Appends bytes unchanged and pads to four.
  public mutating func append(contentsOf payload: some Collection<UInt8>) {
    bytes.append(contentsOf: payload)
    pad()
  }

  // MARK: Attributes

  /// Appends an attribute with an integer in host byte order.
  @inlinable
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, _ value: Value) {
    attribute(
      UInt16(truncatingIfNeeded: type), number: UInt64(truncatingIfNeeded: value.littleEndian),
      count: MemoryLayout<Value>.size)
  }

  /// Appends an attribute with an integer in network byte order, as nf_tables and conntrack expect it.
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

  /// Appends an attribute with these bytes.
  @inlinable
  public mutating func attribute(_ type: some BinaryInteger, bytes payload: some Collection<UInt8>) {
    let start = beginAttribute(UInt16(truncatingIfNeeded: type))
    append(Array(payload))
    endAttribute(start)
  }

  /// Appends an attribute with a NUL-terminated string.
  @inlinable
  public mutating func attribute(_ type: some BinaryInteger, _ string: String) {
    let start = beginAttribute(UInt16(truncatingIfNeeded: type))
    append(Array(string.utf8))
    append(UInt8(0))
    endAttribute(start)
  }

  /// Appends an attribute without a payload: its presence is the information (NLA_FLAG).
  @inlinable
  public mutating func flag(_ type: some BinaryInteger) { open(type) { _ in } }

  /// Appends an attribute with NLA_F_NESTED; `body` appends the attributes within.
  /// - Throws: The error of `body`.
  @inlinable
  public mutating func nest<E: Error>(
    _ type: some BinaryInteger, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    try open(Self.nested(UInt16(truncatingIfNeeded: type)), body)
  }

  /// Appends an attribute whose payload `body` appends: a fixed struct, or a nest that must not have NLA_F_NESTED.
  /// - Throws: The error of `body`.
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

  /// Overwrites bytes with an integer in host byte order.
  /// - Parameter offset: Where the integer starts in `bytes`; all of it must lie within.
  public mutating func patch<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    var rest = value.littleEndian
    for index in offset..<(offset + MemoryLayout<Value>.size) {
      bytes[index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
  }

  /// Numbers the messages, starting at `first`.
  mutating func number(from first: UInt32) {
    for (index, entry) in messages.enumerated() {
      patch(first &+ UInt32(truncatingIfNeeded: index), at: entry.offset + MessageHeader.sequenceOffset)
    }
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }
}
