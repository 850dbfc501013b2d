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

  /// Adds a message. Its sequence number is 0 until it is sent.
  public mutating func message<E: Error>(
    _ type: UInt16, _ flags: MessageFlags, operation: String, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    let start = bytes.count
    messages.append(Entry(offset: start, flags: flags, operation: operation))
    append(UInt32(0))
    append(type)
    append(flags.rawValue)
    append(UInt32(0))  // sequence
    append(UInt32(0))  // port id: the kernel knows
    try body(&self)
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
  public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    var rest = value.littleEndian
    for _ in 0..<MemoryLayout<Value>.size {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Appends bytes as they are, and pads to four.
  public mutating func append(contentsOf payload: some Collection<UInt8>) {
    bytes.append(contentsOf: payload)
    pad()
  }

  // MARK: Attributes

  /// An integer in host byte order.
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, _ value: Value) {
    open(type) { $0.append(value) }
  }

  /// An integer in network byte order, as nf_tables and conntrack want theirs.
  public mutating func attribute<Value: FixedWidthInteger>(_ type: some BinaryInteger, bigEndian value: Value) {
    open(type) { $0.append(value.byteSwapped) }
  }

  public mutating func attribute(_ type: some BinaryInteger, bytes payload: some Collection<UInt8>) {
    open(type) { $0.bytes.append(contentsOf: payload) }
  }

  /// A string with its terminating NUL.
  public mutating func attribute(_ type: some BinaryInteger, _ string: String) {
    open(type) {
      $0.bytes.append(contentsOf: string.utf8)
      $0.bytes.append(0)
    }
  }

  /// An attribute that says something by being there.
  public mutating func flag(_ type: some BinaryInteger) { open(type) { _ in } }

  /// An attribute that holds attributes, with NLA_F_NESTED.
  public mutating func nest<E: Error>(
    _ type: some BinaryInteger, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    try open(UInt16(truncatingIfNeeded: type) | UInt16(NLA_F_NESTED), body)
  }

  /// An attribute whose payload `body` appends: a fixed struct, or a nest that must not have NLA_F_NESTED.
  public mutating func open<E: Error>(
    _ type: some BinaryInteger, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    let start = bytes.count
    append(UInt16(0))
    append(UInt16(truncatingIfNeeded: type))
    try body(&self)
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
