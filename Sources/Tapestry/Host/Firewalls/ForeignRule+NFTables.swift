import CLinux
import NFTables
import NetTypes
import Netlink

extension ForeignRule {
  /// Reads a rule of nf_tables, made by nft or by iptables-nft, which keeps xtables matches and targets in expressions
  /// `match` and `target`.
  /// - Parameter states: The connection states in a set; empty for a set of anything else.
  init<Failure: Error>(_ rule: Rule, statesIn states: (String) throws(Failure) -> ConnectionState) throws(Failure) {
    var loaded: Loaded?
    self.init(family: IPFamily(rule.chain.table.family))
    network = rule.comment.flatMap(RuleMark.network)
    for expression in rule.expressions {
      switch expression.kind {
      case .counter, .log: break
      case .meta(let meta): loaded = Loaded(meta)
      // Header offsets are only known for one family. In family inet, nft's rules match the family first.
      case .payload(let payload): loaded = family.flatMap { Loaded(payload, $0) }
      case .ct(let tracking): loaded = Loaded(tracking)
      case .lookup(let lookup) where lookup.result == .verdict:
        ask(.unknown)
        outcome = .unknown
      case .lookup(let lookup) where lookup.result == .none && !lookup.isInverted:
        var known: ConnectionState = []
        if case .state = loaded { known = try states(lookup.set) }
        ask(known.contains(.established) ? .answers : .unknown)
        loaded = nil
      case .bitwise(let bitwise): loaded = loaded?.masked(bitwise)
      case .cmp(let comparison):
        if case .family(let known) = loaded, let told = known(comparison), family == nil || family == told {
          family = told
        } else {
          ask(loaded?.scope(comparison) ?? .unknown)
        }
        loaded = nil
      case .immediate(.verdict(let verdict)): outcome = Outcome(verdict)
      case .reject: outcome = .drop
      case .other("match", let data):
        let match = Extension(data)
        if match.name == "comment" {
          network = network ?? RuleMark.network(match.text)
        } else {
          ask(.unknown)
        }
      case .other("target", let data):
        outcome = Outcome(extension: Extension(data).name)
      case .other(let name, _) where Self.endings.contains(name):
        ask(.unknown)
        outcome = .unknown
      default: ask(.unknown)
      }
    }
  }

  /// Expressions that may end a packet's traversal.
  private static let endings: Set<String> = ["queue", "synproxy", "fwd", "tproxy"]

  /// The known content of a register.
  private enum Loaded {
    case address(ForeignForward.Acceptance.End, mask: [UInt8])
    /// The protocol of layer 3.
    case family(ProtocolKey)
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
      case .nfproto: self = .family(.nfproto)
      case .protocol: self = .family(.ether)
      default: return nil
      }
    }

    /// If the prefix length is a multiple of 8, only the prefix's bytes are loaded.
    init?(_ payload: Payload, _ family: IPFamily) {
      let count = family.addressBytes
      guard payload.base == .network, case .load = payload.access, 1...count ~= Int(payload.length) else { return nil }
      let mask = (0..<count).map { $0 < Int(payload.length) ? UInt8.max : 0 }
      // RFC 791, 3.1, and RFC 8200, 3.
      let source: UInt32 = family == .v4 ? 12 : 8
      switch payload.offset {
      case source: self = .address(.source, mask: mask)
      case source + UInt32(count): self = .address(.destination, mask: mask)
      default: return nil
      }
    }

    func masked(_ bitwise: Bitwise) -> Loaded? {
      guard bitwise.xor.allSatisfy({ $0 == 0 }) else { return nil }
      if case .address(let end, let mask) = self {
        guard bitwise.mask.count == mask.count else { return nil }
        return .address(end, mask: zip(mask, bitwise.mask).map { $0 & $1 })
      }
      guard bitwise.mask.count == 4, let bits = try? unsafe bitwise.mask.span.bytes.integer(as: UInt32.self) else {
        return nil
      }
      switch self {
      case .state: return .state(mask: ConnectionState(rawValue: bits))
      case .status: return .status(mask: ConnectionStatus(rawValue: bits))
      case .address, .family: return nil
      }
    }

    func scope(_ comparison: Comparison) -> Scope {
      switch self {
      case .family: .unknown
      case .state(let mask): comparison.matchesAnyBit && mask.contains(.established) ? .answers : .unknown
      case .status(let mask): comparison.matchesAnyBit && mask.contains(.dnat) ? .redirected : .unknown
      case .address(let end, let mask): comparison.prefix(mask).map { .some(.init(end: end, prefix: $0)) } ?? .unknown
      }
    }
  }

  /// The two ways in which the kernel states a packet's layer 3 protocol.
  private enum ProtocolKey {
    case nfproto, ether

    /// The family that the comparison matches. Returns nil if it matches something else.
    func callAsFunction(_ comparison: Comparison) -> IPFamily? {
      guard comparison.operation == .equal else { return nil }
      return IPFamily.allCases.first { comparison.value == value(of: $0) }
    }

    private func value(of family: IPFamily) -> [UInt8] {
      switch (self, family) {
      case (.nfproto, .v4): [UInt8(NFPROTO_IPV4)]
      case (.nfproto, .v6): [UInt8(NFPROTO_IPV6)]
      // ETH_P_IP and ETH_P_IPV6.
      case (.ether, .v4): [0x08, 0x00]
      case (.ether, .v6): [0x86, 0xdd]
      }
    }
  }

  /// Attributes NFTA_MATCH_*; NFTA_TARGET_* have the same numbers.
  struct Extension {
    var name = ""
    private(set) var info: [UInt8] = []

    /// The text of the match `comment`: `struct xt_comment_info`.
    var text: String { String(decoding: info.prefix { $0 != 0 }, as: UTF8.self) }

    init(_ data: [UInt8]) {
      do throws(DecodingFailure) {
        try unsafe data.span.bytes.forEachAttribute { type, value throws(DecodingFailure) in
          if UInt32(type) == NFTA_MATCH_NAME.rawValue { name = value.string }
          if UInt32(type) == NFTA_MATCH_INFO.rawValue { info = value.array }
        }
      } catch {
        name = ""
      }
    }
  }
}

extension ForeignRule {
  /// Reads a rule of which only the mark and the addresses matter.
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
    case .continue, .break: self = .goesOn
    // A queue: a user space program decides.
    case .other: self = .unknown
    }
  }
}

extension Comparison {
  /// Returns true if the comparison holds when any masked bit is set.
  fileprivate var matchesAnyBit: Bool { operation == .notEqual && value.allSatisfy { $0 == 0 } }

  /// The prefix whose addresses have these bits under the mask. The value may hold only the mask's first bytes.
  func prefix(_ mask: [UInt8]) -> IPPrefix? {
    guard operation == .equal else { return nil }
    return IPPrefix(bytes: value + [UInt8](repeating: 0, count: max(0, mask.count - value.count)), mask: mask)
  }
}

extension IPFamily {
  /// The family whose packets a table sees. Returns nil for a table that sees both, or others.
  fileprivate init?(_ family: Family) {
    switch family {
    case .ip: self = .v4
    case .ip6: self = .v6
    default: return nil
    }
  }
}
