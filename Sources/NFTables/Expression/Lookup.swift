import CLinux
import Netlink

/// Looks up the key in the registers in a set. The rule ends if it is not there. NFTA_LOOKUP_.
public struct Lookup: Hashable, Sendable {
  /// What happens with a map's data.
  public enum Result: Hashable, Sendable {
    /// Nothing: it is a set, or only the keys of the map matter.
    case none
    /// It is loaded into the register.
    case register(Register)
    /// The map's verdict is issued: `vmap` in nft.
    case verdict
  }

  /// The name of the set, in the rule's table.
  public var set: String
  /// The first register of the key.
  public var key = Register.first
  /// What happens with a map's data.
  public var result = Result.none
  /// Matches if the key is not in the set.
  public var isInverted = false
}

extension Lookup: ExpressionBody {
  static let name = "lookup"

  /// Omits NFTA_LOOKUP_SET_ID: the kernel finds a set of the same transaction by name too.
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
    isInverted = try fields.flag(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV.rawValue)
  }
}
