/// Eight bytes by which what came of a frame is known wherever it turns up, whatever became of its headers.
public struct FrameMark: Hashable, Sendable {
  public let number: UInt32

  public init(_ number: UInt32) { self.number = number }

  private static let magic: [UInt8] = [0xf5, 0x48, 0x4d, 0x6b]

  public var bytes: [UInt8] {
    var bytes = Self.magic
    bytes.append(bigEndian: number)
    return bytes
  }

  /// The first in `bytes` that is whole; a frame carries its own twice, since one may be written over. nil where there is
  /// none.
  public init?(in bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    for start in 0...bytes.count - 8
    where bytes[start] == Self.magic[0] && Array(bytes[start..<start + 4]) == Self.magic {
      number = bytes[start + 4..<start + 8].reduce(0) { $0 << 8 | UInt32($1) }
      return
    }
    return nil
  }
}
