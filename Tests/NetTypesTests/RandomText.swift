import NetTypes
import TestKit

/// Text to try parsers with: junk of every kind, and text that is nearly right.
enum RandomText {
  /// Bytes that mean something to some parser, and their neighbours in ASCII.
  private static let telling: [UInt8] =
    Array("0123456789abcdefABCDEFgGxX./:-_+%, \n\r\t\0".utf8) + [0x2f, 0x3a, 0x40, 0x60]
  /// Digits and separators that are not ASCII, and marks that join the character before them.
  private static let lookalikes: [String] = ["١", "0", "７", "．", "：", "／", "а", "\u{301}", "\u{200d}", "😀", "\u{feff}"]

  /// Up to 48 bytes of anything; what is not UTF-8 becomes U+FFFD.
  static func junk(using generator: inout SeededGenerator) -> String {
    let count = Int.random(in: 0...48, using: &generator)
    let onlyTelling = Bool.random(using: &generator)
    let bytes = (0..<count).map { _ in
      onlyTelling
        ? telling.randomElement(using: &generator) ?? 0
        : UInt8.random(in: .min ... .max, using: &generator)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `text` after one to three small edits: a byte replaced, inserted, left out, doubled, or the text cut short.
  static func nearly(_ text: String, using generator: inout SeededGenerator) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let index = Int.random(in: 0...bytes.count, using: &generator)
      let byte = telling.randomElement(using: &generator) ?? 0
      switch Int.random(in: 0..<7, using: &generator) {
      case 0 where index < bytes.count: bytes[index] = byte
      case 1 where index < bytes.count: bytes.remove(at: index)
      case 2 where index < bytes.count: bytes.insert(bytes[index], at: index)
      case 3 where index < bytes.count: bytes.swapAt(index, bytes.count - 1)
      case 4: bytes.insert(contentsOf: lookalikes.randomElement(using: &generator)?.utf8 ?? "".utf8, at: index)
      case 5 where generator.next() % 4 == 0: bytes.removeSubrange(index...)
      default: bytes.insert(byte, at: index)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension IPv4Address {
  /// Any address; the edges of the range come up often.
  static func random(using generator: inout SeededGenerator) -> IPv4Address {
    let bits = UInt32.random(in: .min ... .max, using: &generator)
    switch generator.next() % 4 {
    case 0: return IPv4Address(rawValue: bits >> (bits & 31))
    case 1: return IPv4Address(rawValue: ~(bits >> (bits & 31)))
    default: return IPv4Address(rawValue: bits)
    }
  }
}

extension IPv6Address {
  /// Any address; groups of zero, short groups and IPv4-mapped addresses come up often.
  static func random(using generator: inout SeededGenerator) -> IPv6Address {
    if generator.next() % 16 == 0 { return IPv6Address(mapping: .random(using: &generator)) }
    var value: UInt128 = 0
    for _ in 0..<8 {
      let bits = UInt16.random(in: .min ... .max, using: &generator)
      let group = Bool.random(using: &generator) ? 0 : bits >> (4 * UInt16.random(in: 0...3, using: &generator))
      value = value << 16 | UInt128(group)
    }
    return IPv6Address(rawValue: value)
  }
}

extension MACAddress {
  /// Any address.
  static func random(using generator: inout SeededGenerator) -> MACAddress {
    let octets = (0..<6).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    return MACAddress(octets[0], octets[1], octets[2], octets[3], octets[4], octets[5])
  }
}
