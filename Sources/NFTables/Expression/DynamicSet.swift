import CLinux
import Netlink

/// Changes a set as packets pass: adds registers to it, or has their element live for as long again.
public struct DynamicSet: Hashable, Sendable {
  /// `enum nft_dynset_ops`.
  public enum Operation: UInt32, Hashable, Sendable {
    case add = 0
    /// Where it is there, it lives on for another timeout.
    case update
    case delete
  }

  public var operation: Operation
  /// The set's name, in the rule's table. It needs the flag `dynamic`.
  public var set: String
  /// Where the key begins; as many registers follow as it takes.
  public var key: Register
  /// How long the element lives, in milliseconds; nil for the set's own timeout.
  public var timeout: UInt64?
  /// Holds where the set cannot be changed instead.
  public var isInverted: Bool

  public init(
    _ operation: Operation, _ set: String, key: Register = .first, timeout: UInt64? = nil, isInverted: Bool = false
  ) {
    self.operation = operation
    self.set = set
    self.key = key
    self.timeout = timeout
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
    if isInverted { buffer.put(NFTA_DYNSET_FLAGS, NFT_DYNSET_F_INV.rawValue) }
  }

  /// Data of maps, and expressions of elements, are left to `Expression.Kind.other`.
  init(decoding fields: inout Fields) throws(DecodingFailure) {
    set = try required(fields.string(NFTA_DYNSET_SET_NAME), "a set")
    key = try required(fields.register(NFTA_DYNSET_SREG_KEY), "a key")
    operation = try fields.choice(NFTA_DYNSET_OP)
    // The kernel writes 0 for none.
    timeout = try fields.integer(NFTA_DYNSET_TIMEOUT, as: UInt64.self).flatMap { $0 == 0 ? nil : $0 }
    let flags: UInt32 = try fields.integer(NFTA_DYNSET_FLAGS) ?? 0
    guard flags & ~NFT_DYNSET_F_INV.rawValue == 0 else { throw DecodingFailure("dynset flags \(flags)") }
    isInverted = flags != 0
    _ = fields.bytes(NFTA_DYNSET_PAD)
    guard fields.rest.isEmpty else { throw DecodingFailure("dynset with data") }
  }
}
