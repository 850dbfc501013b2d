import CLinux
import Netlink

/// Masks and flips bits: `destination = (source & mask) ^ xor`, byte by byte. NFTA_BITWISE_.
public struct Bitwise: Hashable, Sendable {
  /// The register of the operand.
  public var source: Register
  /// The register of the result.
  public var destination: Register
  /// The mask, as long as the value.
  public var mask: [UInt8]
  /// The bits to flip, as long as the value.
  public var xor: [UInt8]

  /// Changes a register in place. Without `xor`, no bits are flipped.
  public init(_ register: Register, mask: [UInt8], xor: [UInt8]? = nil) {
    source = register
    destination = register
    self.mask = mask
    self.xor = xor ?? [UInt8](repeating: 0, count: mask.count)
  }
}

extension Bitwise: ExpressionBody {
  static let name = "bitwise"
  /// NFT_BITWISE_BOOL; NFT_BITWISE_MASK_XOR since Linux 6.13.
  private static let maskAndXor: UInt32 = 0

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_BITWISE_SREG, source)
    buffer.put(NFTA_BITWISE_DREG, destination)
    buffer.put(NFTA_BITWISE_LEN, UInt32(mask.count))
    buffer.data(NFTA_BITWISE_MASK, mask)
    buffer.data(NFTA_BITWISE_XOR, xor)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    source = try required(fields.register(NFTA_BITWISE_SREG), "a source")
    destination = try required(fields.register(NFTA_BITWISE_DREG), "a destination")
    mask = try required(fields.data(NFTA_BITWISE_MASK), "a mask")
    xor = try required(fields.data(NFTA_BITWISE_XOR), "an xor")
    _ = fields.bytes(NFTA_BITWISE_LEN)
    // Shifts, and masks from a second register, are other operations.
    let operation: UInt32 = try fields.integer(NFTA_BITWISE_OP) ?? Self.maskAndXor
    guard operation == Self.maskAndXor else { throw DecodingFailure("bitwise operation \(operation)") }
  }
}
