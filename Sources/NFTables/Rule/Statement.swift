public import NetTypes

/// A part of a rule as one writes it: a match, or what is to be done. A rule adds by itself the checks that a field
/// needs: `ip saddr` in a table of family inet is only read from IPv4 packets.
public struct Statement: Hashable, Sendable {
  var requirements: [Requirement]
  var expressions: [Expression]
  /// What holds for a packet that gets past this statement.
  var established: Requirement?

  /// Expressions as they are, without any checks.
  public init(_ expressions: [Expression]) { self.init([], expressions) }

  init(_ requirements: [Requirement], _ expressions: [Expression], established: Requirement? = nil) {
    self.requirements = requirements
    self.expressions = expressions
    self.established = established
  }
}

// MARK: - Matches

extension Statement {
  /// The fields, concatenated, are a key of the set: `iifname . ether saddr @macs`.
  public static func match(_ fields: Field..., in set: NamedSet) -> Statement {
    lookup(fields, Lookup(in: set.id.name))
  }

  /// The fields, concatenated, are not a key of the set: `iifname != @bridges`.
  public static func match(_ fields: Field..., notIn set: NamedSet) -> Statement {
    lookup(fields, Lookup(in: set.id.name, isInverted: true))
  }

  /// A field, and the first bits of an address, are a key of the set: `iifname . ip6 daddr & ffff:: @prefixes`. Looking that
  /// up takes less than looking for a range.
  public static func match(_ field: Field, _ address: Field, prefixLength: Int, in set: NamedSet) -> Statement {
    let place = Register.first.advanced(byBytes: field.type.size)
    let bits = (0..<address.type.size).map {
      UInt8(truncatingIfNeeded: 0xff00 >> min(8, max(0, prefixLength - 8 * $0)))
    }
    return Statement(
      field.requirements + address.requirements,
      [
        field.load(into: .first), address.load(into: place),
        Expression(.bitwise(Bitwise(place, mask: bits))),
        Expression(.lookup(Lookup(in: set.id.name))),
      ])
  }

  /// The field has this value: `ether type arp`.
  public static func match(_ field: Field, _ value: Datum) -> Statement {
    Statement(
      field.requirements,
      [field.load(into: .first), Expression(.cmp(Comparison(.first, .equal, value.bytes)))],
      established: .established(by: field, equal: value.bytes))
  }

  /// The field has this value in the bits of the mask: `iifgroup & 0xffffff00 == 0x74617000`.
  public static func match(_ field: Field, _ value: Datum, mask: Datum) -> Statement {
    match(field, .equal, value, mask: mask)
  }

  /// The field has another value in the bits of the mask: `iifgroup & 0xffffff00 != 0x74617000`.
  public static func match(_ field: Field, not value: Datum, mask: Datum) -> Statement {
    match(field, .notEqual, value, mask: mask)
  }

  private static func match(
    _ field: Field, _ comparison: Comparison.Operation, _ value: Datum, mask: Datum
  ) -> Statement {
    Statement(
      field.requirements,
      [
        field.load(into: .first), Expression(.bitwise(Bitwise(.first, mask: mask.bytes))),
        Expression(.cmp(Comparison(.first, comparison, value.bytes))),
      ])
  }

  /// The field has another value: `iifname != "eth0"`.
  public static func match(_ field: Field, not value: Datum) -> Statement {
    Statement(
      field.requirements,
      [field.load(into: .first), Expression(.cmp(Comparison(.first, .notEqual, value.bytes)))])
  }

  /// A fragment that is not its packet's first: `frag frag-off != 0`.
  public static let isLaterFragment = match(
    .fragmentOffset, .notEqual, .number(UInt16(0)), mask: .number(UInt16(0xfff8)))

  /// A fragment of IPv4, the first one too: `ip frag-off & 0x3fff != 0`.
  public static let isFragment4 = match(.ipFragment, .notEqual, .number(UInt16(0)), mask: .number(UInt16(0x3fff)))
  /// A fragment of IPv4 that is not its packet's first: `ip frag-off & 0x1fff != 0`.
  public static let isLaterFragment4 = match(
    .ipFragment, .notEqual, .number(UInt16(0)), mask: .number(UInt16(0x1fff)))
  /// A packet of IPv4 that is no fragment: `ip frag-off & 0x3fff == 0`.
  public static let isWhole4 = match(.ipFragment, .equal, .number(UInt16(0)), mask: .number(UInt16(0x3fff)))

  /// The packet begins a connection: connection tracking has not confirmed it yet, as it does when it has let the first one
  /// pass. `ct state new` is said of all packets until one comes back.
  public static let beginsConnection = match(
    .ctStatus, .equal, Datum(.connectionStatus, host: UInt32(0)),
    mask: Datum(.connectionStatus, host: ConnectionStatus.confirmed.rawValue))

  /// The field's value is not in the range, both ends included: `tcp dport != 1000-2000`.
  public static func match(_ field: Field, notFrom first: Datum, through last: Datum) -> Statement {
    let range = Expression.Range(.first, isInverted: true, from: first.bytes, through: last.bytes)
    return Statement(field.requirements, [field.load(into: .first), Expression(.range(range))])
  }

  /// The field's value is in the range, both ends included: `tcp dport 1000-2000`.
  public static func match(_ field: Field, from first: Datum, through last: Datum) -> Statement {
    // Like nft: two comparisons, which the kernel carries out faster than a range.
    Statement(
      field.requirements,
      [
        field.load(into: .first),
        Expression(.cmp(Comparison(.first, .greaterOrEqual, first.bytes))),
        Expression(.cmp(Comparison(.first, .lessOrEqual, last.bytes))),
      ])
  }

  /// An address is in the prefix: `ip daddr 169.254.0.0/16`.
  public static func match(_ field: Field, in prefix: IPv4Prefix) -> Statement {
    match(field, in: .v4(prefix))
  }

  /// An address is in the prefix: `ip6 daddr fe80::/10`.
  public static func match(_ field: Field, in prefix: IPv6Prefix) -> Statement {
    match(field, in: .v6(prefix))
  }

  /// At least one of these holds for the packet's connection: `ct state established,related`.
  public static func match(_ field: Field, _ states: ConnectionState) -> Statement {
    match(field, anyOf: states.rawValue)
  }

  /// At least one of these holds for the packet's connection: `ct status dnat`.
  public static func match(_ field: Field, _ statuses: ConnectionStatus) -> Statement {
    match(field, anyOf: statuses.rawValue)
  }

  /// None of these holds for the packet's connection: `ct status & snat == 0`.
  public static func match(_ field: Field, not statuses: ConnectionStatus) -> Statement {
    Statement(
      field.requirements,
      [
        field.load(into: .first),
        Expression(.bitwise(Bitwise(.first, mask: Datum.hostBytes(statuses.rawValue)))),
        Expression(.cmp(Comparison(.first, .equal, Datum.hostBytes(UInt32(0))))),
      ])
  }

  /// The routing table takes the address for one of this kind: `fib daddr type local`.
  public static func match(_ field: Field, _ type: RouteType) -> Statement {
    match(field, Datum(.routeType, host: type.rawValue))
  }

  private static func match(_ field: Field, anyOf bits: UInt32) -> Statement {
    Statement(
      field.requirements,
      [
        field.load(into: .first),
        Expression(.bitwise(Bitwise(.first, mask: Datum.hostBytes(bits)))),
        Expression(.cmp(Comparison(.first, .notEqual, Datum.hostBytes(UInt32(0))))),
      ])
  }

  /// Like nft: where the prefix ends with a byte, only its bytes are loaded; otherwise the rest is masked out.
  private static func match(_ field: Field, in prefix: IPPrefix) -> Statement {
    let (bytes, length) = (prefix.address.bytes, prefix.prefixLength)
    if length % 8 == 0, length > 0, case .payload(let base, let offset, _, _) = field.source {
      let load = Payload(base, offset: offset, length: UInt32(length / 8), .load(.first))
      let first = Array(bytes.prefix(length / 8))
      return Statement(
        field.requirements, [Expression(.payload(load)), Expression(.cmp(Comparison(.first, .equal, first)))])
    }
    return Statement(
      field.requirements,
      [
        field.load(into: .first), Expression(.bitwise(Bitwise(.first, mask: prefix.mask))),
        Expression(.cmp(Comparison(.first, .equal, bytes))),
      ])
  }

  /// Loads the fields one after another, then looks them up.
  static func lookup(_ fields: [Field], _ lookup: Lookup, then rest: [Expression] = []) -> Statement {
    load(fields, into: lookup.key, then: [Expression(.lookup(lookup))] + rest)
  }

  /// Loads the fields one after another, as a key is laid out.
  static func load(_ fields: [Field], into first: Register, then rest: [Expression]) -> Statement {
    var register = first
    var expressions: [Expression] = []
    for field in fields {
      expressions.append(field.load(into: register))
      register = register.advanced(byBytes: field.type.size)
    }
    return Statement(fields.flatMap(\.requirements), expressions + rest)
  }
}
