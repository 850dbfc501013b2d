/// Bytes from the kernel that do not follow the protocol: either the kernel speaks a newer protocol, or there is a bug.
public struct DecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the bytes.
  public var description: String

  /// - Parameter description: What is wrong with the bytes.
  public init(_ description: String) { self.description = description }
}

/// An undecoded attribute.
public struct RawAttribute: Hashable, Sendable {
  /// The attribute type without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits.
  public var type: UInt16
  /// The payload as the kernel sent it, without padding.
  public var payload: [UInt8]

  /// An attribute of this type and payload.
  public init(type: UInt16, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }
}

/// Bounds-checked reads from bytes that the kernel wrote. No input makes them trap.
extension RawSpan {
  /// Reads an integer in host byte order.
  /// - Throws: `DecodingFailure` if the integer does not fit in the bytes at `offset`.
  public func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int = 0, as type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else {
      throw DecodingFailure("\(byteCount) bytes where a \(Value.self) was expected at \(offset)")
    }
    return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// Reads an integer in network byte order.
  /// - Throws: `DecodingFailure` if the integer does not fit in the bytes at `offset`.
  public func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int = 0, as type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    try Value(bigEndian: integer(at: offset))
  }

  /// Reads the integer of an attribute, in host byte order. The payload must have exactly its size.
  /// - Throws: `DecodingFailure` if the payload has another size.
  public func exactly<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self
  ) throws(DecodingFailure) -> Value {
    guard byteCount == MemoryLayout<Value>.size else {
      throw DecodingFailure("\(byteCount) bytes where a \(Value.self) was expected")
    }
    return try integer()
  }

  /// A copy of the bytes.
  public var array: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// A string up to its NUL, or all bytes if there is no NUL. Kernel names are bytes: invalid UTF-8 is replaced with
  /// U+FFFD.
  public var string: String {
    unsafe withUnsafeBytes { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// NLA_TYPE_MASK: all bits but NLA_F_NESTED and NLA_F_NET_BYTEORDER. Swift cannot import the macro.
  private static var attributeTypeMask: UInt16 { 0x3fff }

  /// Calls `body` with the type (without flag bits) and the payload of each attribute.
  /// - Throws: `DecodingFailure` if an attribute's length is below 4 bytes or beyond the end of the bytes, or the error
  ///   of `body`.
  public func forEachAttribute(
    from start: Int = 0, _ body: (UInt16, RawSpan) throws(DecodingFailure) -> Void
  ) throws(DecodingFailure) {
    var offset = start
    while offset + 4 <= byteCount {
      let length = Int(try integer(at: offset, as: UInt16.self))
      let type = try integer(at: offset + 2, as: UInt16.self) & Self.attributeTypeMask
      guard length >= 4, offset + length <= byteCount else {
        throw DecodingFailure("attribute \(type) has length \(length), but only \(byteCount - offset) bytes are left")
      }
      try body(type, extracting((offset + 4)..<(offset + length)))
      offset += (length + 3) & ~3
    }
  }
}
