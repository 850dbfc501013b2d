import NetTypes

/// Where things are in an entry of a family's, in bytes: `struct ipt_entry`, `struct ip6t_entry`. `CLinux` holds the
/// offsets against the kernel's headers.
struct XtablesLayout: Hashable, Sendable {
  let family: IPFamily
  /// Of the addresses and masks, one after another: source, destination, those of both.
  let addresses = 0
  /// The masks of the names of both interfaces.
  let interfaceMasks: Range<Int>
  /// The protocol of the fourth layer, in two bytes.
  let transport: Int
  let flags: Int
  let invertedFlags: Int
  let target: Int
  let next: Int
  let counters: Int
  let matches: Int
  /// The flags that say of which packets more must be true.
  let conditions: UInt8
  /// The flag of a jump that does not come back.
  let goes: UInt8

  /// IPT_INV_VIA_IN and IPT_INV_PROTO, the same in both.
  let invertedInput: UInt8 = 1
  let invertedProtocol: UInt8 = 64
  /// IFNAMSIZ.
  static let linkBytes = 16
  /// The name of the link that a packet comes in by: the names are right before their masks.
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
    counters: 96, matches: 112, conditions: 1, goes: 2)
  /// The flags are IP6T_F_TOS and IP6T_F_GOTO; that of a protocol, IP6T_F_PROTO, says no more than that there is one.
  private static let v6 = XtablesLayout(
    family: .v6, interfaceMasks: 96..<128, transport: 128, flags: 131, invertedFlags: 132, target: 140, next: 142,
    counters: 152, matches: 168, conditions: 2, goes: 4)
}
