import CLinux
import Netlink

/// A verdict on a packet, or the chain in which its evaluation continues: `enum nft_verdicts`.
public enum Verdict: Hashable, Sendable {
  /// NF_ACCEPT.
  case accept
  /// NF_DROP.
  case drop
  /// NFT_CONTINUE: continue with the next rule.
  case `continue`
  /// NFT_BREAK: end the rule.
  case `break`
  /// NFT_JUMP: continue in a chain of the same table, and return at its end.
  case jump(String)
  /// NFT_GOTO: continue in a chain of the same table, without return.
  case goto(String)
  /// NFT_RETURN: return to the calling chain.
  case `return`
  /// Another code, such as NF_QUEUE with a queue number.
  case other(Int32)

  private var code: Int32 {
    switch self {
    case .drop: 0
    case .accept: 1
    case .continue: -1
    case .break: -2
    case .jump: -3
    case .goto: -4
    case .return: -5
    case .other(let code): code
    }
  }

  private var chain: String? {
    switch self {
    case .jump(let chain), .goto(let chain): chain
    default: nil
    }
  }

  /// Appends NFTA_DATA_VERDICT within a nest of data.
  func encode(into buffer: inout MessageBuffer) {
    buffer.nest(NFTA_DATA_VERDICT) {
      $0.put(NFTA_VERDICT_CODE, UInt32(bitPattern: code))
      if let chain { $0.put(NFTA_VERDICT_CHAIN, chain) }
    }
  }

  /// Decodes the attributes of NFTA_DATA_VERDICT.
  init(decoding attributes: RawSpan) throws(DecodingFailure) {
    var code: Int32?
    var chain: String?
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_VERDICT_CODE.attribute: code = Int32(bitPattern: try value.bigEndian())
      case NFTA_VERDICT_CHAIN.attribute: chain = value.string
      default: break
      }
    }
    switch (code, chain) {
    case (0, _): self = .drop
    case (1, _): self = .accept
    case (-1, _): self = .continue
    case (-2, _): self = .break
    case (-3, let chain?): self = .jump(chain)
    case (-4, let chain?): self = .goto(chain)
    case (-5, _): self = .return
    case (let code?, nil): self = .other(code)
    default: throw DecodingFailure("a verdict without its code or chain")
    }
  }
}

extension Verdict: CustomStringConvertible {
  /// The verdict as nft(8) writes it: `jump from_guest`.
  public var description: String {
    switch self {
    case .accept: "accept"
    case .drop: "drop"
    case .continue: "continue"
    case .break: "break"
    case .jump(let chain): "jump \(chain)"
    case .goto(let chain): "goto \(chain)"
    case .return: "return"
    case .other(let code): "verdict \(code)"
    }
  }
}
