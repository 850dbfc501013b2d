/// Bytes from the kernel that are not what the protocol says. Seeing one means a newer protocol than ours, or a bug.
public struct DecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// An attribute as it was read, for what is passed on unread.
public struct RawAttribute: Hashable, Sendable {
  /// Without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits.
  public var type: UInt16
  public var payload: [UInt8]

  public init(type: UInt16, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }
}

/// A bounds-checked cursor over what the kernel wrote. Nothing here traps, whatever the bytes.
extension RawSpan {
  /// An integer in host byte order.
  public func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int = 0, as type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else {
      throw DecodingFailure("\(byteCount) bytes where a \(Value.self) was expected at \(offset)")
    }
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// An integer in network byte order.
  public func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int = 0, as type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    try Value(bigEndian: integer(at: offset))
  }

  /// An attribute's integer: the payload has exactly its size.
  public func exactly<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    guard byteCount == MemoryLayout<Value>.size else {
      throw DecodingFailure("\(byteCount) bytes where a \(Value.self) was expected")
    }
    return try integer()
  }

  /// The bytes, copied.
  public var array: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// A string up to its NUL, or to the end where there is none. Names in the kernel are bytes: what is not UTF-8 is
  /// repaired with U+FFFD.
  public var string: String {
    unsafe withUnsafeBytes { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// NLA_TYPE_MASK, a macro that does not import: all but NLA_F_NESTED and NLA_F_NET_BYTEORDER.
  private static var attributeTypeMask: UInt16 { 0x3fff }

  /// Calls `body` with the type (without flag bits) and the payload of each attribute.
  public func forEachAttribute(
    from start: Int = 0, _ body: (UInt16, RawSpan) throws(DecodingFailure) -> Void
  ) throws(DecodingFailure) {
    var offset = start
    while offset + 4 <= byteCount {
      let length = Int(try integer(at: offset, as: UInt16.self))
      let type = try integer(at: offset + 2, as: UInt16.self) & Self.attributeTypeMask
      guard length >= 4, offset + length <= byteCount else {
        throw DecodingFailure("attribute \(type) says \(length) bytes, \(byteCount - offset) are left")
      }
      try body(type, extracting((offset + 4)..<(offset + length)))
      offset += (length + 3) & ~3
    }
  }
}
