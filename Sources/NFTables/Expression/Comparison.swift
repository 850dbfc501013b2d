import CLinux
import Netlink

/// Compares a register with a value, byte by byte from the first. The rule ends if the comparison is false. NFTA_CMP_.
public struct Comparison: Hashable, Sendable {
  /// `enum nft_cmp_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    /// NFT_CMP_EQ.
    case equal = 0
    /// NFT_CMP_NEQ, NFT_CMP_LT, NFT_CMP_LTE, NFT_CMP_GT and NFT_CMP_GTE.
    case notEqual, less, lessOrEqual, greater, greaterOrEqual
  }

  /// The register to compare.
  public var source: Register
  /// The comparison.
  public var operation: Operation
  /// The value, in the byte order of the register's content.
  public var value: [UInt8]
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
