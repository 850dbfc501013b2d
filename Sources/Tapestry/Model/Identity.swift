package import NetTypes

/// Derives an attachment's MAC and TAP name: the original's formulas, and alternatives for collisions.
package enum Identity {
  /// The original's MAC: a 31-multiplier hash over the UTF-16 units of `vm:interface`, wrapped to 32 bits, after the
  /// locally administered prefix 02.
  ///
  /// - Parameter salt: 0 for the original's value. Each higher salt gives another MAC, if the one before is taken.
  package static func mac(vm: String, interface: String, salt: Int = 0) -> MACAddress {
    var hash: Int32 = 0
    for unit in "\(vm):\(interface)".utf16 { hash = hash &* 31 &+ Int32(unit) }
    // The original's hash collides for `Aa` and `BB`. With a salt, another hash of the same text is used.
    if salt > 0 { hash = Int32(truncatingIfNeeded: fnv1a("\(salt)/\(vm):\(interface)")) }
    // As in JavaScript, where abs(-2^31) is 2^31: Int32 has no such value, UInt32 has.
    let h = hash.magnitude
    return MACAddress(
      0x02, UInt8(truncatingIfNeeded: h), UInt8(truncatingIfNeeded: h >> 8), UInt8(truncatingIfNeeded: h >> 16),
      UInt8(truncatingIfNeeded: h >> 24), UInt8(truncatingIfNeeded: (h >> 4) ^ (h >> 12)))
  }

  package static func mac(for key: AttachmentKey, salt: Int) -> MACAddress {
    mac(vm: key.vm.rawValue, interface: key.interface.rawValue, salt: salt)
  }

  /// The TAP's name: `sv`, four characters of the VM's id without hyphens, six of the interface's id, as in the original.
  ///
  /// - Parameter salt: 0 for the original's name. Each higher salt gives `sv`, four characters and nine hexadecimal
  ///   digits of a hash, if the name before is taken.
  package static func tapName(vm: String, interface: String, salt: Int = 0) -> String {
    // Counted in UTF-16 units, like JavaScript's substring.
    let vmPart = prefix(String(decoding: vm.utf8.filter { $0 != UInt8(ascii: "-") }, as: UTF8.self), 4)
    guard salt > 0 else { return prefix("sv\(vmPart)\(prefix(interface, 6))", 15) }
    let digits = String(fnv1a("\(salt)/\(vm)/\(interface)") & 0xf_ffff_ffff, radix: 16)
    return "sv\(vmPart)" + String(repeating: "0", count: 9 - digits.count) + digits
  }

  private static func prefix(_ text: String, _ count: Int) -> String {
    // Most ids are ASCII, where one byte is one unit.
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return String(decoding: text.utf8.prefix(count), as: UTF8.self) }
    return String(decoding: text.utf16.prefix(count), as: UTF16.self)
  }

  /// FNV-1a, 64 bits. Unlike Swift's own hash, it is stable across runs and machines.
  static func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
