import CLinux
import NFTables
import NetTypes
import Xtables

/// A rule of a foreign nat chain, as far as it matters to the host's ports.
struct ForeignRedirectingRule {
  /// The packets that the rule matches.
  var transport: Transport?
  /// nil: any.
  var ports: [ClosedRange<UInt16>]?
  var destination: IPv4Prefix?
  var link: String?
  /// Whether the rule translates their destination.
  var redirects = false
  /// The chain in which they continue.
  var next: String?
  /// Whether the rule matches only another protocol or family than packets to a published port have.
  var isForOthers = false
}

/// What the rules of a base chain, and of the chains that it leads to, redirect.
struct ForeignRedirections {
  private(set) var found: Set<ForeignTranslation.Redirection> = []
  private let rules: [String: [ForeignRedirectingRule]]

  init(from base: String, _ rules: [String: [ForeignRedirectingRule]]) {
    self.rules = rules
    walk(base, .init(chain: base), 0)
  }

  private mutating func walk(_ chain: String, _ outer: ForeignTranslation.Redirection, _ depth: Int) {
    guard depth < ForeignWalk.maximumDepth else { return }
    for rule in rules[chain, default: []] where !rule.isForOthers && (rule.redirects || rule.next != nil) {
      for ports in rule.ports ?? [outer.ports] {
        guard var inner = outer.narrowed(to: rule, ports) else { continue }
        inner.chain = chain
        if rule.redirects { found.insert(inner) }
        if let next = rule.next { walk(next, inner, depth + 1) }
      }
    }
  }
}

extension ForeignTranslation.Redirection {
  /// Returns nil if no packet matches both.
  fileprivate func narrowed(to rule: ForeignRedirectingRule, _ ports: ClosedRange<UInt16>) -> Self? {
    var copy = self
    guard self.ports.overlaps(ports), transport == nil || rule.transport == nil || transport == rule.transport else {
      return nil
    }
    copy.ports = self.ports.clamped(to: ports)
    copy.transport = transport ?? rule.transport
    copy.link = link ?? rule.link
    if let own = rule.destination {
      guard let destination, !destination.contains(own) else {
        copy.destination = own
        return copy
      }
      guard own.contains(destination) else { return nil }
    }
    return copy
  }
}

// MARK: - iptables-legacy

extension ForeignRedirectingRule {
  init(_ rule: XtablesRule) {
    if let number = rule.protocolNumber { ask(protocolNumber: number) }
    ports = rule.destinationPorts
    if case .v4(let prefix) = rule.destination { destination = prefix }
    link = rule.inputLink
    switch rule.target {
    case .jump(let chain), .goto(let chain): next = chain
    case .other(let name): redirects = Self.redirecting.contains(name)
    case .accept, .drop, .return, .next: break
    }
  }

  /// Targets that translate the destination: iptables-extensions(8).
  fileprivate static let redirecting: Set<String> = ["DNAT", "REDIRECT", "NETMAP"]

  fileprivate mutating func ask(protocolNumber number: UInt8) {
    guard let known = Transport(number: number) else { return isForOthers = true }
    transport = known
  }
}

// MARK: - nf_tables

extension ForeignRedirectingRule {
  /// - Parameter sets: The ports that are the keys of a set or map. Returns nil for sets and maps with other keys.
  init(_ rule: Rule, portsIn sets: (String) -> [ClosedRange<UInt16>]?) {
    var loaded: Loaded?
    for expression in rule.expressions {
      switch expression.kind {
      case .meta(let meta): loaded = Loaded(meta)
      case .payload(let payload): loaded = Loaded(payload, rule.chain.table.family)
      case .bitwise(let bitwise): loaded = loaded?.masked(bitwise)
      case .cmp(let comparison): compare(loaded, comparison)
      case .range(let range):
        if case .port = loaded, !range.isInverted, let ports = Self.ports(range.first, range.last) {
          ask(ports: [ports])
        }
      case .lookup(let lookup):
        if case .port = loaded, !lookup.isInverted, let ports = sets(lookup.set) { ask(ports: ports) }
        loaded = nil
      case .nat(let nat): redirects = nat.kind == .destination
      case .redirect: redirects = true
      case .immediate(.verdict(.jump(let chain))), .immediate(.verdict(.goto(let chain))): next = chain
      case .other("match", let data):
        let match = ForeignRule.Extension(data)
        if let ports = XtablesPorts.destinations(match: match.name, match.info) { ask(ports: ports) }
      case .other("target", let data):
        redirects = Self.redirecting.contains(ForeignRule.Extension(data).name)
      default: break
      }
    }
  }

  private mutating func ask(ports asked: [ClosedRange<UInt16>]) {
    guard let ports else { return ports = asked }
    self.ports = ports.flatMap { one in asked.filter(one.overlaps).map(one.clamped) }
  }

  private static func ports(_ first: [UInt8], _ last: [UInt8]) -> ClosedRange<UInt16>? {
    guard let first = number(first), let last = number(last), first <= last else { return nil }
    return first...last
  }

  /// A port, in network byte order.
  private static func number(_ bytes: [UInt8]) -> UInt16? {
    bytes.count == 2 ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : nil
  }

  private mutating func compare(_ loaded: Loaded?, _ comparison: Comparison) {
    switch loaded {
    case .family:
      if comparison.operation == .equal, comparison.value != [UInt8(NFPROTO_IPV4)] { isForOthers = true }
    case .transport:
      if comparison.operation == .equal, let number = comparison.value.first { ask(protocolNumber: number) }
    case .link:
      // A wildcard such as `br-*` has no terminating zero.
      if comparison.operation == .equal, comparison.value.last == 0 {
        link = String(decoding: comparison.value.prefix { $0 != 0 }, as: UTF8.self)
      }
    case .port:
      guard let number = Self.number(comparison.value) else { return }
      switch comparison.operation {
      case .equal: ask(ports: [number...number])
      case .lessOrEqual: ask(ports: [0...number])
      case .greaterOrEqual: ask(ports: [number...UInt16.max])
      case .notEqual, .less, .greater: break
      }
    case .destination(let mask):
      if case .v4(let prefix) = comparison.prefix(mask) { destination = prefix }
    case nil: break
    }
  }

  /// The known content of a register.
  private enum Loaded {
    case family, transport, link, port
    case destination(mask: [UInt8])

    init?(_ meta: Meta) {
      switch meta.key {
      case .nfproto: self = .family
      case .l4proto: self = .transport
      case .iifname: self = .link
      default: return nil
      }
    }

    /// RFC 791, 3.1, RFC 9293, 3.1, and RFC 768.
    init?(_ payload: Payload, _ family: Family) {
      guard case .load = payload.access else { return nil }
      switch (payload.base, payload.offset, payload.length) {
      case (.transport, 2, 2): self = .port
      case (.network, 9, 1) where family != .ip6: self = .transport
      case (.network, 16, let length) where family != .ip6 && length <= 4:
        self = .destination(mask: (0..<4).map { $0 < Int(length) ? .max : 0 })
      default: return nil
      }
    }

    func masked(_ bitwise: Bitwise) -> Loaded? {
      guard case .destination(let mask) = self, bitwise.mask.count == mask.count, bitwise.xor.allSatisfy({ $0 == 0 })
      else { return nil }
      return .destination(mask: zip(mask, bitwise.mask).map { $0 & $1 })
    }
  }
}
