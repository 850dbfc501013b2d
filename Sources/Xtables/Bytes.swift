/// Bytes from the kernel that do not follow the layout of its headers.
public struct XtablesDecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the bytes.
  public var description: String

  init(_ description: String) { self.description = description }
}

/// Kernel structs, whose integers are in host byte order. Reads are bounds-checked: no input makes them trap.
extension [UInt8] {
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Value.Type = Value.self
  ) throws(XtablesDecodingFailure) -> Value {
    guard offset >= 0, offset <= count - MemoryLayout<Value>.size else {
      throw XtablesDecodingFailure("\(count) bytes where a \(Value.self) was expected at \(offset)")
    }
    return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// A string up to its NUL, or to the end of its field or of the bytes.
  func string(in range: Range<Int>) -> String {
    String(decoding: self[range.clamped(to: indices)].prefix { $0 != 0 }, as: UTF8.self)
  }

  mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
    replaceSubrange(offset..<(offset + value.bitWidth / 8), with: Self(host: value))
  }

  mutating func set(_ bytes: Self, at offset: Int) {
    replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }

  init(host value: some FixedWidthInteger) {
    self = unsafe Swift.withUnsafeBytes(of: value) { unsafe Self($0) }
  }

  init(zeroes count: Int) { self.init(repeating: 0, count: count) }
}
