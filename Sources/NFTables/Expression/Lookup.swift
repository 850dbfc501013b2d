import CLinux
import Netlink

/// Looks registers up in a set, and leaves the rule where they are not in it.
public struct Lookup: Hashable, Sendable {
  /// Where a map's data goes.
  public enum Result: Hashable, Sendable {
    /// Nowhere: the set is no map, or only its keys matter.
    case none
    case register(Register)
    /// The map's verdict is given: nft's `vmap`.
    case verdict
  }

  /// The set's name, in the rule's table.
  public var set: String
  /// Where the key begins; as many registers follow as it takes.
  public var key: Register
  public var result: Result
  /// Holds for what is not in the set instead.
  public var isInverted: Bool

  public init(_ key: Register = .first, in set: String, result: Result = .none, isInverted: Bool = false) {
    self.set = set
    self.key = key
    self.result = result
    self.isInverted = isInverted
  }
}

extension Lookup: ExpressionBody {
  static let name = "lookup"

  /// NFTA_LOOKUP_SET_ID is left out: the kernel finds by name a set of the same transaction too.
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_LOOKUP_SREG, key)
    switch result {
    case .none: break
    case .register(let register): buffer.put(NFTA_LOOKUP_DREG, register)
    case .verdict: buffer.put(NFTA_LOOKUP_DREG, NFT_REG_VERDICT.rawValue)
    }
    buffer.put(NFTA_LOOKUP_SET, set)
    if isInverted { buffer.put(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV.rawValue) }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    set = try required(fields.string(NFTA_LOOKUP_SET), "a set")
    key = try required(fields.register(NFTA_LOOKUP_SREG), "a key")
    switch try fields.integer(NFTA_LOOKUP_DREG, as: UInt32.self) {
    case nil: result = .none
    case NFT_REG_VERDICT.rawValue?: result = .verdict
    case let number?: result = .register(try Register(number: number))
    }
    let flags: UInt32 = try fields.integer(NFTA_LOOKUP_FLAGS) ?? 0
    guard flags & ~NFT_LOOKUP_F_INV.rawValue == 0 else { throw DecodingFailure("lookup flags \(flags)") }
    isInverted = flags != 0
  }
}
