import CLinux
import NFTables
import NetTypes
import Xtables

/// A packet that a guest may send to the host, as far as rules ask for.
struct InputProbe {
  /// The link that it comes in by, and its index.
  var link: (name: String, index: Int32)
  var source: IPv4Address
  var destination: IPv4Address
  var protocolNumber: UInt8
  /// Of UDP and TCP; of ICMP the type, in the place of its first byte.
  var transport: Transport

  enum Transport {
    case ports(source: UInt16, destination: UInt16)
    case icmp(type: UInt8)
  }

  var destinationPort: UInt16? { if case .ports(_, let port) = transport { port } else { nil } }
  private var isBroadcast: Bool { destination.rawValue == .max }

  /// What a register holds after an expression has loaded it; nil where that is not known.
  func loaded(_ expression: Expression.Kind) -> [UInt8]? {
    switch expression {
    case .meta(let meta):
      switch meta.key {
      case .iifname: Array(link.name.utf8) + [UInt8](repeating: 0, count: max(0, 16 - link.name.utf8.count))
      case .iif: Self.host(UInt32(bitPattern: link.index))
      case .l4proto: [protocolNumber]
      case .nfproto: [UInt8(NFPROTO_IPV4)]
      case .protocol: [0x08, 0x00]
      default: nil
      }
    case .ct(let tracking) where tracking.key == .state: Self.host(Self.new)
    // Nobody has translated it.
    case .ct(let tracking) where tracking.key == .status: Self.host(0)
    case .fib(let lookup) where lookup.result == .type && lookup.flags == .destination:
      Self.host(UInt32(isBroadcast ? RTN_BROADCAST : RTN_LOCAL))
    case .payload(let payload): bytes(payload)
    default: nil
    }
  }

  /// NF_CT_STATE_BIT(IP_CT_NEW): what begins a connection.
  fileprivate static let new: UInt32 = 8

  private static func host(_ number: UInt32) -> [UInt8] {
    unsafe Swift.withUnsafeBytes(of: number) { unsafe Array($0) }
  }

  private func bytes(_ payload: Payload) -> [UInt8]? {
    var known: [Int: UInt8] = [:]
    switch payload.base {
    case .network:
      known[9] = protocolNumber
      for (place, byte) in (source.bytes + destination.bytes).enumerated() { known[12 + place] = byte }
    case .transport:
      switch transport {
      case .icmp(let type): (known[0], known[1]) = (type, 0)
      case .ports(let source, let port):
        (known[0], known[1]) = (UInt8(source >> 8), UInt8(source & 0xff))
        (known[2], known[3]) = (UInt8(port >> 8), UInt8(port & 0xff))
      }
    case .link: break
    }
    let wanted = Int(payload.offset)..<Int(payload.offset) + Int(payload.length)
    let found = wanted.compactMap { known[$0] }
    return found.count == wanted.count ? found : nil
  }

  /// Whether a match of iptables(8) holds; nil where that is not known.
  func holds(_ match: String, _ data: [UInt8]) -> Bool? {
    switch match {
    case "comment": return true
    case "tcp", "udp", "multiport":
      guard let ports = XtablesPorts.destinations(match: match, data), let destinationPort else { return nil }
      // It may ask for the source's port too; what does not go there is no such packet in any case.
      return ports.contains { $0.contains(destinationPort) } ? nil : false
    case "conntrack": return holdsState(data)
    case "addrtype": return holdsType(data)
    default: return nil
    }
  }

  /// `struct xt_conntrack_mtinfo3`, where it asks for states alone.
  private func holdsState(_ data: [UInt8]) -> Bool? {
    let (flags, inverted, states) = (146, 148, 150)
    guard data.count >= states + 2, number(data, flags) == 1 else { return nil }
    return (number(data, states) & Int(Self.new) != 0) != (number(data, inverted) & 1 != 0)
  }

  /// `struct xt_addrtype_info_v1`, where it asks for the destination's type alone.
  private func holdsType(_ data: [UInt8]) -> Bool? {
    guard data.count >= 8, number(data, 0) == 0, data.count == 8 else { return nil }
    let type = 1 << Int(isBroadcast ? RTN_BROADCAST : RTN_LOCAL)
    let flags = number(data, 4)
    guard flags & ~2 == 0 else { return nil }
    return (number(data, 2) & type != 0) != (flags & 2 != 0)
  }

  /// Two bytes in host byte order.
  private func number(_ data: [UInt8], _ place: Int) -> Int {
    unsafe data.withUnsafeBytes { Int(unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt16.self)) }
  }
}

/// A rule's answer to a probe.
struct ProbedRule {
  /// nil: it cannot be told.
  var holds: Bool?
  var outcome: ForeignRule.Outcome

  /// - Parameter sets: A set's elements; nil for one that cannot be read.
  init(_ rule: Rule, _ probe: InputProbe, sets: (String) -> [Element]?) {
    holds = true
    outcome = .goesOn
    var loaded: [UInt8]?
    var loads = 0
    for expression in rule.expressions {
      switch expression.kind {
      case .counter, .log: continue
      case .meta, .ct, .fib, .payload:
        loaded = probe.loaded(expression.kind)
        loads += 1
        continue
      case .bitwise(let bitwise):
        loaded = loaded.flatMap { value in
          value.count == bitwise.mask.count
            ? value.indices.map { value[$0] & bitwise.mask[$0] ^ bitwise.xor[$0] } : nil
        }
        continue
      case .cmp(let comparison): ask(loaded.flatMap(comparison.holds))
      case .range(let range):
        ask(
          loaded.map { value in
            (range.first.lexicographicallyPrecedes(value) || range.first == value)
              && (value.lexicographicallyPrecedes(range.last) || value == range.last) != range.isInverted
          })
      case .lookup(let lookup): look(lookup, loads == 1 ? loaded : nil, sets(lookup.set))
      case .immediate(.verdict(let verdict)): outcome = .init(verdict)
      case .reject: outcome = .drop
      case .other("match", let data):
        let match = ForeignRule.Extension(data, name: NFTA_MATCH_NAME.rawValue, info: NFTA_MATCH_INFO.rawValue)
        ask(probe.holds(match.name, match.info))
      case .other("target", let data):
        outcome = .init(
          extension: ForeignRule.Extension(data, name: NFTA_TARGET_NAME.rawValue, info: NFTA_TARGET_INFO.rawValue).name)
      default: ask(nil)
      }
      (loaded, loads) = (nil, 0)
    }
  }

  private mutating func ask(_ answer: Bool?) {
    switch (holds, answer) {
    case (false, _), (_, false): holds = false
    case (true, true): break
    default: holds = nil
    }
  }

  private mutating func look(_ lookup: Lookup, _ value: [UInt8]?, _ elements: [Element]?) {
    guard let value, let elements else {
      if lookup.result == .verdict { outcome = .unknown }
      return ask(nil)
    }
    let found = elements.first { element in
      guard let first = element.key.first?.bytes, element.key.count == 1 else { return false }
      guard let last = element.keyEnd?.first?.bytes else { return first == value }
      return !value.lexicographicallyPrecedes(first) && !last.lexicographicallyPrecedes(value)
    }
    ask((found != nil) != lookup.isInverted)
    guard lookup.result == .verdict else { return }
    if case .verdict(let verdict) = found?.data { outcome = .init(verdict) } else if found != nil { outcome = .unknown }
  }
}

extension Comparison {
  fileprivate func holds(_ value: [UInt8]) -> Bool? {
    guard value.count >= self.value.count else { return nil }
    let part = Array(value.prefix(self.value.count))
    switch operation {
    case .equal: return part == self.value
    case .notEqual: return part != self.value
    case .less: return part.lexicographicallyPrecedes(self.value)
    case .lessOrEqual: return !self.value.lexicographicallyPrecedes(part)
    case .greater: return self.value.lexicographicallyPrecedes(part)
    case .greaterOrEqual: return !part.lexicographicallyPrecedes(self.value)
    }
  }
}

/// The way of a probe through a base chain.
struct ProbeWalk {
  /// Whether it certainly ends at a drop.
  private(set) var isDropped = false
  /// Whether a rule that cannot be told about may have let it through.
  private var mayPass = false

  init<Failure: Error>(
    of chain: String, policy: Chain.Policy, rules: (String) throws(Failure) -> [ProbedRule]
  ) throws(Failure) {
    let end = try walk(chain, 0, rules)
    isDropped = !mayPass && (end == .drops || end == .falls && policy == .drop)
  }

  private mutating func walk<Failure: Error>(
    _ chain: String, _ depth: Int, _ rules: (String) throws(Failure) -> [ProbedRule]
  ) throws(Failure) -> ForeignWalk.End {
    guard depth < ForeignWalk.deepest else { return .falls }
    // Whether a rule that cannot be told about may have ended the chain: then it goes on behind the chain, if anywhere.
    var mayFall = false
    for rule in try rules(chain) where rule.holds != false {
      let isCertain = rule.holds != nil
      switch rule.outcome {
      case .goesOn: continue
      case .drop: if isCertain { return mayFall ? .falls : .drops }
      case .accept: if isCertain { return .accepts } else { mayPass = true }
      case .return: if isCertain { return .falls } else { mayFall = true }
      case .unknown: mayPass = true
      case .jump(let next), .goto(let next):
        let end = try walk(next, depth + 1, rules)
        switch (end, isCertain) {
        case (.accepts, true): return .accepts
        case (.accepts, false): mayPass = true
        case (.drops, true): return mayFall ? .falls : .drops
        case (.drops, false): break
        case (.falls, _):
          guard case .goto = rule.outcome else { break }
          if isCertain { return .falls }
          mayFall = true
        }
      }
    }
    return .falls
  }
}
