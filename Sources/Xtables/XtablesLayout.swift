import NetTypes

/// The offsets of the fields of an entry, in bytes: `struct ipt_entry` or `struct ip6t_entry`. `CLinux` checks them
/// against the kernel's headers.
struct XtablesLayout: Hashable, Sendable {
  let family: IPFamily
  /// The source address, the destination address, the source mask and the destination mask, in this order.
  let addresses = 0
  /// The masks of both interface names: input, output.
  let interfaceMasks: Range<Int>
  /// The layer 4 protocol, two bytes.
  let transport: Int
  let flags: Int
  let invertedFlags: Int
  let target: Int
  let next: Int
  let counters: Int
  let matches: Int
  /// The flags that add a condition, so that fewer packets match.
  let conditionFlags: UInt8
  /// The flag of a goto: a jump without return.
  let gotoFlag: UInt8

  /// IPT_INV_VIA_IN and IPT_INV_PROTO; IPv6 has the same values.
  let invertedInput: UInt8 = 1
  let invertedProtocol: UInt8 = 64
  /// IFNAMSIZ.
  static let linkBytes = 16
  /// The name of the input interface. The names lie directly before their masks.
  var inputLink: Range<Int> { (interfaceMasks.lowerBound - 32)..<(interfaceMasks.lowerBound - 16) }

  var source: Range<Int> { address(0) }
  var destination: Range<Int> { address(1) }
  var sourceMask: Range<Int> { address(2) }
  var destinationMask: Range<Int> { address(3) }

  private func address(_ place: Int) -> Range<Int> {
    let start = addresses + place * family.addressBytes
    return start..<(start + family.addressBytes)
  }

  static func of(_ family: IPFamily) -> XtablesLayout {
    switch family {
    case .v4: v4
    case .v6: v6
    }
  }

  /// The flags are IPT_F_FRAG and IPT_F_GOTO.
  private static let v4 = XtablesLayout(
    family: .v4, interfaceMasks: 48..<80, transport: 80, flags: 82, invertedFlags: 83, target: 88, next: 90,
    counters: 96, matches: 112, conditionFlags: 1, gotoFlag: 2)
  /// The flags are IP6T_F_TOS and IP6T_F_GOTO. IP6T_F_PROTO adds no condition: it only says that there is a protocol.
  private static let v6 = XtablesLayout(
    family: .v6, interfaceMasks: 96..<128, transport: 128, flags: 131, invertedFlags: 132, target: 140, next: 142,
    counters: 152, matches: 168, conditionFlags: 2, gotoFlag: 4)
}
