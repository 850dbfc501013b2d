public import NetTypes

/// A part of a rule as one writes it in nft(8): a match or an action. The rule adds the checks that a field needs: in a
/// table of family inet, `ip saddr` is only read from IPv4 packets.
public struct Statement: Hashable, Sendable {
  var requirements: [Requirement]
  var expressions: [Expression]
  /// The requirement that a packet meets if this statement matches it.
  var established: Requirement?

  /// These expressions, without added checks.
  public init(_ expressions: [Expression]) { self.init([], expressions) }

  init(_ requirements: [Requirement], _ expressions: [Expression], established: Requirement? = nil) {
    self.requirements = requirements
    self.expressions = expressions
    self.established = established
  }
}

// MARK: - Matches

extension Statement {
  /// Matches if the concatenated fields are in the set: `iifname . ether saddr @macs`.
  public static func match(_ fields: Field..., in set: some SetDeclaration) -> Statement {
    lookup(fields, Lookup(set: set.id.name))
  }

  /// Matches if the concatenated fields are not in the set: `iifname != @bridges`.
  public static func match(_ fields: Field..., notIn set: some SetDeclaration) -> Statement {
    lookup(fields, Lookup(set: set.id.name, isInverted: true))
  }

  /// Matches if a field and the first bits of an address are in the set: `iifname . ip6 daddr & ffff:: @prefixes`. This is
  /// cheaper than a lookup in a set of ranges.
  public static func match(_ field: Field, _ address: Field, prefixLength: Int, in set: some SetDeclaration)
    -> Statement
  {
    let place = Register.first.advanced(byBytes: field.type.size)
    let bits = (0..<address.type.size).map {
      UInt8(truncatingIfNeeded: 0xff00 >> min(8, max(0, prefixLength - 8 * $0)))
    }
    return Statement(
      field.requirements + address.requirements,
      [
        field.load(into: .first), address.load(into: place),
        Expression(.bitwise(Bitwise(place, mask: bits))),
        Expression(.lookup(Lookup(set: set.id.name))),
      ])
  }

  /// Matches if the field has this value: `ether type arp`.
  public static func match(_ field: Field, _ value: Datum) -> Statement {
    Statement(
      field.requirements, [field.load(into: .first), .compare(.equal, value.bytes)],
      established: .established(by: field, equal: value.bytes))
  }

  /// Matches if the masked field has this value: `iifgroup & 0xffffff00 == 0x74617000`.
  public static func match(_ field: Field, _ value: Datum, mask: Datum) -> Statement {
    match(field, mask: mask.bytes, .equal, value.bytes)
  }

  /// Matches if the masked field has another value: `iifgroup & 0xffffff00 != 0x74617000`.
  public static func match(_ field: Field, not value: Datum, mask: Datum) -> Statement {
    match(field, mask: mask.bytes, .notEqual, value.bytes)
  }

  private static func match(
    _ field: Field, mask: [UInt8], _ comparison: Comparison.Operation, _ value: [UInt8]
  ) -> Statement {
    Statement(
      field.requirements,
      [field.load(into: .first), Expression(.bitwise(Bitwise(.first, mask: mask))), .compare(comparison, value)])
  }

  /// Matches if the field has another value: `iifname != "eth0"`.
  public static func match(_ field: Field, not value: Datum) -> Statement {
    Statement(field.requirements, [field.load(into: .first), .compare(.notEqual, value.bytes)])
  }

  /// Matches an IPv4 packet that is not a fragment: `ip frag-off & 0x3fff == 0`.
  public static let isWhole4 = match(.ipFragment, .number(UInt16(0)), mask: .number(UInt16(0x3fff)))

  /// Matches if the field's value is greater: `meta l4proto > icmp`.
  public static func match(_ field: Field, above value: Datum) -> Statement {
    Statement(field.requirements, [field.load(into: .first), .compare(.greater, value.bytes)])
  }

  /// Matches an IPv6 fragment other than the first: `frag frag-off != 0`.
  public static let isLaterFragment = match(
    .fragmentOffset, not: .number(UInt16(0)), mask: .number(UInt16(0xfff8)))

  /// Matches an IPv4 fragment, even the first: `ip frag-off & 0x3fff != 0`.
  public static let isFragment4 = match(.ipFragment, not: .number(UInt16(0)), mask: .number(UInt16(0x3fff)))
  /// Matches an IPv4 fragment other than the first: `ip frag-off & 0x1fff != 0`.
  public static let isLaterFragment4 = match(.ipFragment, not: .number(UInt16(0)), mask: .number(UInt16(0x1fff)))

  /// Matches the first packet of a connection: its conntrack entry is not confirmed yet, which happens when the host has let
  /// that packet pass. `ct state new` matches all packets until a reply arrives.
  public static let beginsConnection = match(.ctStatus, not: .confirmed)

  /// Matches if the field's value is outside the inclusive range: `tcp dport != 1000-2000`.
  public static func match(_ field: Field, notFrom first: Datum, through last: Datum) -> Statement {
    let range = Expression.Range(source: .first, isInverted: true, first: first.bytes, last: last.bytes)
    return Statement(field.requirements, [field.load(into: .first), Expression(.range(range))])
  }

  /// Matches if the field's value is in the inclusive range: `tcp dport 1000-2000`.
  public static func match(_ field: Field, from first: Datum, through last: Datum) -> Statement {
    // Two comparisons, as in nft: the kernel evaluates them faster than a range.
    Statement(
      field.requirements,
      [field.load(into: .first), .compare(.greaterOrEqual, first.bytes), .compare(.lessOrEqual, last.bytes)])
  }

  /// Matches if the address is in the prefix: `ip daddr 169.254.0.0/16`.
  public static func match<Address>(_ field: Field, in prefix: Prefix<Address>) -> Statement {
    match(field, in: IPPrefix(prefix))
  }

  /// Matches if the connection has at least one of these states: `ct state established,related`.
  public static func match(_ field: Field, _ states: ConnectionState) -> Statement {
    match(field, mask: Datum.hostBytes(states.rawValue), .notEqual, [0, 0, 0, 0])
  }

  /// Matches if the connection has at least one of these status bits: `ct status dnat`.
  public static func match(_ field: Field, _ statuses: ConnectionStatus) -> Statement {
    match(field, mask: Datum.hostBytes(statuses.rawValue), .notEqual, [0, 0, 0, 0])
  }

  /// Matches if the connection has none of these status bits: `ct status & snat == 0`.
  public static func match(_ field: Field, not statuses: ConnectionStatus) -> Statement {
    match(field, mask: Datum.hostBytes(statuses.rawValue), .equal, [0, 0, 0, 0])
  }

  /// Matches if the routing table gives the address this route type: `fib daddr type local`.
  public static func match(_ field: Field, _ type: RouteType) -> Statement {
    match(field, Datum(.routeType, host: type.rawValue))
  }

  /// Matches if the routing table gives the address another route type: `fib daddr type != local`.
  public static func match(_ field: Field, not type: RouteType) -> Statement {
    match(field, not: Datum(.routeType, host: type.rawValue))
  }

  /// Matches if the address is in the prefix. As in nft: if the prefix ends at a byte boundary, only its bytes are loaded;
  /// otherwise the host bits are masked.
  public static func match(_ field: Field, in prefix: IPPrefix) -> Statement {
    let (bytes, length) = (prefix.address.bytes, prefix.prefixLength)
    if length % 8 == 0, length > 0, case .payload(let base, let offset, _, _) = field.source {
      let load = Payload(base: base, offset: offset, length: UInt32(length / 8), access: .load(.first))
      return Statement(
        field.requirements, [Expression(.payload(load)), .compare(.equal, Array(bytes.prefix(length / 8)))])
    }
    return match(field, mask: prefix.mask, .equal, bytes)
  }

  /// Loads the fields into consecutive registers, then looks them up.
  static func lookup(_ fields: [Field], _ lookup: Lookup, then rest: [Expression] = []) -> Statement {
    load(fields, then: [Expression(.lookup(lookup))] + rest)
  }

  /// Loads the fields into consecutive registers, as a key is laid out.
  static func load(_ fields: [Field], then rest: [Expression]) -> Statement {
    var register = Register.first
    var expressions: [Expression] = []
    for field in fields {
      expressions.append(field.load(into: register))
      register = register.advanced(byBytes: field.type.size)
    }
    return Statement(fields.flatMap(\.requirements), expressions + rest)
  }
}

extension Expression {
  /// Compares the first register with a value.
  static func compare(_ operation: Comparison.Operation, _ value: [UInt8]) -> Expression {
    Expression(.cmp(Comparison(source: .first, operation: operation, value: value)))
  }
}
