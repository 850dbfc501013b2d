import CLinux
import Netlink

/// Changes a set as packets pass: adds registers to it, or has their element live for as long again. Each element may have
/// a meter of its own, by which then the rule goes.
public struct DynamicSet: Hashable, Sendable {
  /// `enum nft_dynset_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    case add = 0
    /// Where it is there, it lives on for another timeout.
    case update
    case delete
  }

  /// What counts for each element by itself: one expression, of those that can.
  public enum Meter: Hashable, Sendable {
    /// Elements live on with the set's timeout.
    case limit(Limit)
    /// The set has no timeout: an element lives as long as it has connections.
    case connections(ConnectionLimit)

    fileprivate var body: any ExpressionBody {
      switch self {
      case .limit(let limit): limit
      case .connections(let limit): limit
      }
    }
  }

  public var operation: Operation
  /// The set's name, in the rule's table. It needs the flag `dynamic`.
  public var set: String
  /// Where the key begins; as many registers follow as it takes.
  public var key: Register
  /// How long the element lives, in milliseconds; nil for the set's own timeout.
  public var timeout: UInt64?
  /// nil: the rule goes on wherever the set could be changed.
  public var meter: Meter?
  /// Holds where the set cannot be changed instead.
  public var isInverted: Bool

  public init(
    _ operation: Operation, _ set: String, key: Register = .first, timeout: UInt64? = nil, meter: Meter? = nil,
    isInverted: Bool = false
  ) {
    self.operation = operation
    self.set = set
    self.key = key
    self.timeout = timeout
    self.meter = meter
    self.isInverted = isInverted
  }
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

  /// Data of maps, and meters of other kinds or several at once, are left to `Expression.Kind.other`.
  init(decoding fields: inout Fields) throws(DecodingFailure) {
    set = try required(fields.string(NFTA_DYNSET_SET_NAME), "a set")
    key = try required(fields.register(NFTA_DYNSET_SREG_KEY), "a key")
    operation = try fields.choice(NFTA_DYNSET_OP)
    // The kernel writes 0 for none.
    timeout = try fields.integer(NFTA_DYNSET_TIMEOUT, as: UInt64.self).flatMap { $0 == 0 ? nil : $0 }
    let flags: UInt32 = try fields.integer(NFTA_DYNSET_FLAGS) ?? 0
    guard flags & ~NFT_DYNSET_F_INV.rawValue == 0 else { throw DecodingFailure("dynset flags \(flags)") }
    isInverted = flags != 0
    meter = try fields.bytes(NFTA_DYNSET_EXPR).map { bytes throws(DecodingFailure) in try Meter(decoding: bytes) }
    _ = fields.bytes(NFTA_DYNSET_PAD)
    guard fields.rest.isEmpty else { throw DecodingFailure("dynset with data") }
  }
}

extension DynamicSet.Meter {
  /// - Throws: for one that this code does not know, so that it stays as it was read.
  fileprivate init(decoding bytes: [UInt8]) throws(DecodingFailure) {
    let expression = try bytes.read { span throws(DecodingFailure) in try Expression(decoding: span) }
    switch (expression.kind, expression.unknown.isEmpty) {
    case (.limit(let limit), true): self = .limit(limit)
    case (.connectionLimit(let limit), true): self = .connections(limit)
    default: throw DecodingFailure("dynset with another meter")
    }
  }
}
