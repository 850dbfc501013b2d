import CLinux
import Netlink

/// Converts numbers in a register between host and network byte order. NFTA_BYTEORDER_.
public struct ByteOrder: Hashable, Sendable {
  /// `enum nft_byteorder_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    /// NFT_BYTEORDER_NTOH.
    case toHost = 0
    /// NFT_BYTEORDER_HTON.
    case toNetwork
  }

  /// The register of the operand.
  public var source: Register
  /// The register of the result.
  public var destination: Register
  /// The direction of the conversion.
  public var operation: Operation
  /// The length of all numbers together, in bytes.
  public var length: UInt32
  /// The size of each number in bytes: 2, 4 or 8.
  public var size: UInt32

  /// Converts a register in place. `length` and `size` are in bytes.
  public init(_ register: Register, _ operation: Operation, length: UInt32, size: UInt32) {
    source = register
    destination = register
    self.operation = operation
    self.length = length
    self.size = size
  }
}

extension ByteOrder: ExpressionBody {
  static let name = "byteorder"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_BYTEORDER_SREG, source)
    buffer.put(NFTA_BYTEORDER_DREG, destination)
    buffer.put(NFTA_BYTEORDER_OP, operation.rawValue)
    buffer.put(NFTA_BYTEORDER_LEN, length)
    buffer.put(NFTA_BYTEORDER_SIZE, size)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    source = try required(fields.register(NFTA_BYTEORDER_SREG), "a source")
    destination = try required(fields.register(NFTA_BYTEORDER_DREG), "a destination")
    operation = try fields.choice(NFTA_BYTEORDER_OP)
    length = try required(fields.integer(NFTA_BYTEORDER_LEN), "a length")
    size = try required(fields.integer(NFTA_BYTEORDER_SIZE), "a size")
  }
}
