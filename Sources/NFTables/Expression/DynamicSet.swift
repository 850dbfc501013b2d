import CLinux
import Netlink

/// Changes a set from a rule: adds the key in the registers, or restarts the timeout of its element. Each element may have
/// its own meter; then the rule continues if the meter matches. NFTA_DYNSET_.
public struct DynamicSet: Hashable, Sendable {
  /// `enum nft_dynset_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    /// NFT_DYNSET_OP_ADD: adds the element unless it exists.
    case add = 0
    /// NFT_DYNSET_OP_UPDATE: adds the element, or restarts the timeout of the existing one.
    case update
    /// NFT_DYNSET_OP_DELETE: deletes the element.
    case delete
  }

  /// A stateful expression that each element has on its own.
  public enum Meter: Hashable, Sendable {
    /// A rate limit. Its elements expire by the set's timeout.
    case limit(Limit)
    /// A limit on connections. The set has no timeout: an element exists as long as it has connections.
    case connections(ConnectionLimit)

    fileprivate var body: any ExpressionBody {
      switch self {
      case .limit(let limit): limit
      case .connections(let limit): limit
      }
    }
  }

  /// The operation.
  public var operation: Operation
  /// The name of the set, in the rule's table. The set needs the flag `dynamic`.
  public var set: String
  /// The first register of the key.
  public var key = Register.first
  /// The lifetime of the element in milliseconds; nil for the set's default.
  public var timeout: UInt64?
  /// The meter; nil: the rule continues if the set could be changed.
  public var meter: Meter?
  /// Matches if the set could not be changed.
  public var isInverted = false
}

extension DynamicSet: ExpressionBody {
  static let name = "dynset"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_DYNSET_SREG_KEY, key)
    buffer.put(NFTA_DYNSET_OP, operation.rawValue)
    if let timeout { buffer.put(NFTA_DYNSET_TIMEOUT, long: timeout) }
    buffer.put(NFTA_DYNSET_SET_NAME, set)
    if let body = meter?.body {
      buffer.nest(NFTA_DYNSET_EXPR) {
        $0.put(NFTA_EXPR_NAME, type(of: body).name)
        $0.nest(NFTA_EXPR_DATA) { body.encode(into: &$0) }
      }
    }
    if isInverted { buffer.put(NFTA_DYNSET_FLAGS, NFT_DYNSET_F_INV.rawValue) }
  }

  /// Throws for map data, for other meters and for several meters: `Expression.Kind.other` keeps those.
  init(decoding fields: inout Fields) throws(DecodingFailure) {
    set = try required(fields.string(NFTA_DYNSET_SET_NAME), "a set")
    key = try required(fields.register(NFTA_DYNSET_SREG_KEY), "a key")
    operation = try fields.choice(NFTA_DYNSET_OP)
    // The kernel writes 0 if there is no timeout.
    timeout = try fields.integer(NFTA_DYNSET_TIMEOUT, as: UInt64.self).flatMap { $0 == 0 ? nil : $0 }
    isInverted = try fields.flag(NFTA_DYNSET_FLAGS, NFT_DYNSET_F_INV.rawValue)
    meter = try fields.bytes(NFTA_DYNSET_EXPR).map { bytes throws(DecodingFailure) in try Meter(decoding: bytes) }
    _ = fields.bytes(NFTA_DYNSET_PAD)
    guard fields.rest.isEmpty else { throw DecodingFailure("a dynset with map data") }
  }
}

extension DynamicSet.Meter {
  /// - Throws: `DecodingFailure` for a meter that this code does not know; it is kept as it was read.
  fileprivate init(decoding bytes: [UInt8]) throws(DecodingFailure) {
    let expression = try bytes.read { span throws(DecodingFailure) in try Expression(decoding: span) }
    switch (expression.kind, expression.unknown.isEmpty) {
    case (.limit(let limit), true): self = .limit(limit)
    case (.connectionLimit(let limit), true): self = .connections(limit)
    default: throw DecodingFailure("a dynset with an unknown meter")
    }
  }
}
