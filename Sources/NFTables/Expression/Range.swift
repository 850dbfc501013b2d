import CLinux
import Netlink

extension Expression {
  /// Compares a register with an inclusive range, byte by byte from the first. NFTA_RANGE_.
  public struct Range: Hashable, Sendable {
    /// The register to compare.
    public var source: Register
    /// Matches values outside the range.
    public var isInverted = false
    /// The first value of the range.
    public var first: [UInt8]
    /// The last value of the range.
    public var last: [UInt8]
  }
}

extension Expression.Range: ExpressionBody {
  static let name = "range"

  /// `enum nft_range_ops`.
  private enum Operation: UInt32 {
    case equal = 0
    case notEqual
  }

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_RANGE_SREG, source)
    buffer.put(NFTA_RANGE_OP, (isInverted ? Operation.notEqual : .equal).rawValue)
    buffer.data(NFTA_RANGE_FROM_DATA, first)
    buffer.data(NFTA_RANGE_TO_DATA, last)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    source = try required(fields.register(NFTA_RANGE_SREG), "a source")
    isInverted = try fields.choice(NFTA_RANGE_OP, as: Operation.self) == .notEqual
    first = try required(fields.data(NFTA_RANGE_FROM_DATA), "a first value")
    last = try required(fields.data(NFTA_RANGE_TO_DATA), "a last value")
  }
}
