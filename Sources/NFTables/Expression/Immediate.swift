import CLinux
import Netlink

/// Loads a constant into a register, or issues a verdict. NFTA_IMMEDIATE_.
public enum Immediate: Hashable, Sendable {
  /// Loads these bytes into the register.
  case value([UInt8], Register)
  /// Issues the verdict.
  case verdict(Verdict)
}

extension Immediate: ExpressionBody {
  static let name = "immediate"

  func encode(into buffer: inout MessageBuffer) {
    switch self {
    case .value(let bytes, let register):
      buffer.put(NFTA_IMMEDIATE_DREG, register)
      buffer.data(NFTA_IMMEDIATE_DATA, bytes)
    case .verdict(let verdict):
      buffer.put(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT.rawValue)
      buffer.nest(NFTA_IMMEDIATE_DATA) { verdict.encode(into: &$0) }
    }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    let number: UInt32 = try required(fields.integer(NFTA_IMMEDIATE_DREG), "a register")
    let data = try required(fields.bytes(NFTA_IMMEDIATE_DATA), "data")
    if number == NFT_REG_VERDICT.rawValue {
      var inner = try Fields(data)
      let verdict = try required(inner.bytes(NFTA_DATA_VERDICT), "a verdict")
      self = .verdict(try verdict.read { span throws(DecodingFailure) in try Verdict(decoding: span) })
    } else {
      let register = try Register(number: number)
      self = .value(try data.read { span throws(DecodingFailure) in try span.dataValue() }, register)
    }
  }
}
