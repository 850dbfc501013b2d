import CLinux
import Netlink

/// Compares a register with a value, byte by byte from the first, and leaves the rule where it does not hold.
public struct Comparison: Hashable, Sendable {
  /// `enum nft_cmp_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    case equal = 0
    case notEqual, less, lessOrEqual, greater, greaterOrEqual
  }

  public var source: Register
  public var operation: Operation
  public var value: [UInt8]

  public init(_ source: Register, _ operation: Operation = .equal, _ value: [UInt8]) {
    self.source = source
    self.operation = operation
    self.value = value
  }
}

extension Comparison: ExpressionBody {
  static let name = "cmp"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CMP_SREG, source)
    buffer.put(NFTA_CMP_OP, operation.rawValue)
    buffer.data(NFTA_CMP_DATA, value)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    source = try required(fields.register(NFTA_CMP_SREG), "a source")
    operation = try fields.choice(NFTA_CMP_OP)
    value = try required(fields.data(NFTA_CMP_DATA), "a value")
  }
}
