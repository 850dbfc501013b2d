import CLinux
import NFTables
import NetTypes
import Netlink

extension ForeignRule {
  /// A rule of nf_tables, be it nft's or of iptables-nft, which keeps its matches and targets of old in expressions
  /// `match` and `target`.
  /// - Parameter states: The states of connections that are in a set; none for a set of anything else.
  init<Failure: Error>(_ rule: Rule, statesIn states: (String) throws(Failure) -> ConnectionState) throws(Failure) {
    var loaded: Loaded?
    self.init()
    network = rule.comment.flatMap(RuleMark.network)
    for expression in rule.expressions {
      switch expression.kind {
      case .counter, .log: break
      case .meta(let meta): loaded = Loaded(meta)
      case .payload(let payload): loaded = Loaded(payload)
      case .ct(let tracking): loaded = Loaded(tracking)
      case .lookup(let lookup) where lookup.result == .none && !lookup.isInverted:
        var known: ConnectionState = []
        if case .state = loaded { known = try states(lookup.set) }
        scope = scope.and(known.contains(.established) ? .answers : .unknown)
        loaded = nil
      case .bitwise(let bitwise): loaded = loaded?.masked(bitwise)
      case .cmp(let comparison):
        scope = scope.and(loaded?.scope(comparison) ?? .unknown)
        loaded = nil
      case .immediate(.verdict(let verdict)): outcome = Outcome(verdict)
      case .reject: outcome = .drop
      case .other("match", let data):
        let match = Extension(data, name: NFTA_MATCH_NAME.rawValue, info: NFTA_MATCH_INFO.rawValue)
        if match.name == "comment" {
          network = network ?? RuleMark.network(match.text)
        } else {
          scope = .unknown
        }
      case .other("target", let data):
        let target = Extension(data, name: NFTA_TARGET_NAME.rawValue, info: NFTA_TARGET_INFO.rawValue)
        if target.name == "REJECT" { outcome = .drop }
      default: scope = .unknown
      }
    }
  }

  /// What a register holds, as far as it is understood.
  private enum Loaded {
    case address(ForeignForward.Acceptance.End, mask: UInt32)
    /// Which protocol of the third layer a packet is of, in one of the kernel's two ways to say it.
    case family(ipv4: [UInt8])
    /// Bits of the connection's state, and of its status.
    case state(mask: ConnectionState)
    case status(mask: ConnectionStatus)

    init?(_ tracking: ConnectionTracking) {
      switch tracking.key {
      case .state: self = .state(mask: ConnectionState(rawValue: .max))
      case .status: self = .status(mask: ConnectionStatus(rawValue: .max))
      default: return nil
      }
    }

    init?(_ meta: Meta) {
      switch meta.key {
      case .nfproto: self = .family(ipv4: [UInt8(NFPROTO_IPV4)])
      // ETH_P_IP.
      case .protocol: self = .family(ipv4: [0x08, 0x00])
      default: return nil
      }
    }

    /// Where a prefix ends with a byte, only its bytes are loaded.
    init?(_ payload: Payload) {
      guard payload.base == .network, case .load = payload.access, 1...4 ~= payload.length else { return nil }
      let mask = UInt32.max << (32 - payload.length * 8)
      switch payload.offset {
      case 12: self = .address(.source, mask: mask)
      case 16: self = .address(.destination, mask: mask)
      default: return nil
      }
    }

    func masked(_ bitwise: Bitwise) -> Loaded? {
      guard bitwise.xor.allSatisfy({ $0 == 0 }), bitwise.mask.count == 4,
        let bits = try? unsafe bitwise.mask.span.bytes.integer(as: UInt32.self)
      else { return nil }
      switch self {
      case .address(let end, let mask): return .address(end, mask: mask & UInt32(bigEndian: bits))
      case .state: return .state(mask: ConnectionState(rawValue: bits))
      case .status: return .status(mask: ConnectionStatus(rawValue: bits))
      case .family: return nil
      }
    }

    func scope(_ comparison: Comparison) -> Scope {
      switch self {
      // Packets of IPv6 are not ours to let through.
      case .family(let ipv4): comparison.operation == .equal && comparison.value == ipv4 ? .all : .unknown
      case .state(let mask): comparison.isOfAnyBit && mask.contains(.established) ? .answers : .unknown
      case .status(let mask): comparison.isOfAnyBit && mask.contains(.dnat) ? .redirected : .unknown
      case .address(let end, let mask): comparison.prefix(mask).map { .some(.init(end: end, prefix: $0)) } ?? .unknown
      }
    }
  }

  /// NFTA_MATCH_ and NFTA_TARGET_ attributes.
  private struct Extension {
    var name = ""
    private var info: [UInt8] = []

    /// The text of the match `comment`: `struct xt_comment_info`.
    var text: String { String(decoding: info.prefix { $0 != 0 }, as: UTF8.self) }

    init(_ data: [UInt8], name nameType: UInt32, info infoType: UInt32) {
      do throws(DecodingFailure) {
        try unsafe data.span.bytes.forEachAttribute { type, value throws(DecodingFailure) in
          if UInt32(type) == nameType { name = value.string }
          if UInt32(type) == infoType { info = value.array }
        }
      } catch {
        name = ""
      }
    }
  }
}

extension ForeignRule {
  /// A rule of which only the mark and the addresses matter.
  init(_ rule: Rule) {
    self.init(rule) { _ in [] }
  }
}

extension ForeignRule.Outcome {
  init(_ verdict: Verdict) {
    switch verdict {
    case .accept: self = .accept
    case .drop: self = .drop
    case .return: self = .return
    case .jump(let chain): self = .jump(chain)
    case .goto(let chain): self = .goto(chain)
    case .continue, .break, .other: self = .other
    }
  }
}

extension Comparison {
  /// Whether it holds where any of the bits is set that a mask has left.
  fileprivate var isOfAnyBit: Bool { operation == .notEqual && value.allSatisfy { $0 == 0 } }

  /// The prefix that an address is in whose bits of the mask, of which the first bytes may be all there is, are these.
  fileprivate func prefix(_ mask: UInt32) -> IPv4Prefix? {
    let bytes = value + [UInt8](repeating: 0, count: max(0, 4 - value.count))
    let length = (~mask).leadingZeroBitCount
    guard operation == .equal, mask.nonzeroBitCount == length, let address = IPv4Address(bytes: bytes) else {
      return nil
    }
    return try? IPv4Prefix(containing: address, prefixLength: length)
  }
}
