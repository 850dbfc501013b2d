import Netlink

/// A place among the 64 bytes of registers in which a rule keeps values: one of sixteen slots of four bytes.
///
/// `NFT_REG_1` to `NFT_REG_4` are the slots 0, 4, 8 and 12, `NFT_REG32_00` to `NFT_REG32_15` are all sixteen; the
/// kernel and nft write a slot that has both names by the first.
public struct Register: Hashable, Sendable {
  /// The slot, from 0. The kernel refuses a rule that uses one above 15.
  public var slot: UInt8

  public init(slot: UInt8) { self.slot = slot }

  /// `NFT_REG_1`: the first slot.
  public static let first = Register(slot: 0)

  /// The slot after a value of so many bytes, rounded up to four.
  public func advanced(byBytes count: Int) -> Register {
    Register(slot: UInt8(clamping: Int(slot) + (count + 3) / 4))
  }

  /// `enum nft_registers`.
  var number: UInt32 { slot % 4 == 0 && slot < 16 ? 1 + UInt32(slot / 4) : 8 + UInt32(slot) }

  /// The slot of a register number other than that of the verdict, 0.
  init(number: UInt32) throws(DecodingFailure) {
    switch number {
    case 1...4: slot = UInt8(number - 1) * 4
    case 8...23: slot = UInt8(number - 8)
    default: throw DecodingFailure("register \(number)")
    }
  }
}
