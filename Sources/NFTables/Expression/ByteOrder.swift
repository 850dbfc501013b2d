import CLinux
import Netlink

/// Turns a register's bytes round, from one byte order to the other.
public struct ByteOrder: Hashable, Sendable {
  /// `enum nft_byteorder_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    case toHost = 0
    case toNetwork
  }

  public var source: Register
  public var destination: Register
  public var operation: Operation
  /// Of all, in bytes.
  public var length: UInt32
  /// Of each number, in bytes: 2, 4 or 8.
  public var size: UInt32

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
