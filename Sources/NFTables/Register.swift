import Netlink

/// A register of a rule. The 64 bytes of registers are sixteen slots of four bytes.
///
/// `NFT_REG_1` to `NFT_REG_4` are the slots 0, 4, 8 and 12; `NFT_REG32_00` to `NFT_REG32_15` are all sixteen. For a slot
/// with both names, the kernel and nft use the first.
public struct Register: Hashable, Sendable {
  /// The slot, from 0. The kernel refuses a rule with a slot above 15.
  public var slot: UInt8

  /// The register of this slot.
  public init(slot: UInt8) { self.slot = slot }

  /// `NFT_REG_1`: the first slot.
  public static let first = Register(slot: 0)

  /// Returns the register after a value of this many bytes, rounded up to four.
  public func advanced(byBytes count: Int) -> Register {
    Register(slot: UInt8(clamping: Int(slot) + (count + 3) / 4))
  }

  /// `enum nft_registers`.
  var number: UInt32 { slot % 4 == 0 && slot < 16 ? 1 + UInt32(slot / 4) : 8 + UInt32(slot) }

  /// The register with this number. 0 is the verdict register, which has no slot.
  init(number: UInt32) throws(DecodingFailure) {
    switch number {
    case 1...4: slot = UInt8(number - 1) * 4
    case 8...23: slot = UInt8(number - 8)
    default: throw DecodingFailure("register \(number)")
    }
  }
}
