/// Bytes that are not the packet they were taken for.
public struct PacketError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Reads numbers in network byte order from the front of a packet, never past its end.
struct PacketReader {
  private(set) var remaining: ArraySlice<UInt8>
  private let packet: String

  init(_ bytes: [UInt8], of packet: String) {
    remaining = bytes[...]
    self.packet = packet
  }

  mutating func bytes(_ count: Int) throws(PacketError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining.count else {
      throw PacketError("\(packet): \(count) more bytes wanted, \(remaining.count) there")
    }
    defer { remaining = remaining.dropFirst(count) }
    return remaining.prefix(count)
  }

  mutating func uint8() throws(PacketError) -> UInt8 {
    try integer()
  }

  mutating func uint16() throws(PacketError) -> UInt16 {
    try integer()
  }

  mutating func uint32() throws(PacketError) -> UInt32 {
    try integer()
  }

  private mutating func integer<Value: FixedWidthInteger>() throws(PacketError) -> Value {
    try bytes(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value($1) }
  }

  /// Cuts off what comes after the next `count` bytes, as the padding of a short frame.
  mutating func truncate(to count: Int) throws(PacketError) {
    guard count >= 0, count <= remaining.count else {
      throw PacketError("\(packet): \(count) more bytes announced, \(remaining.count) there")
    }
    remaining = remaining.prefix(count)
  }
}

extension [UInt8] {
  /// Appends a number in network byte order.
  mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Overwrites two bytes with a number in network byte order.
  mutating func put(bigEndian value: UInt16, at index: Int) {
    self[index] = UInt8(truncatingIfNeeded: value >> 8)
    self[index + 1] = UInt8(truncatingIfNeeded: value)
  }
}
