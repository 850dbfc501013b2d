public import NetTypes

extension Statement {
  // MARK: Verdicts

  /// Accepts the packet.
  public static let accept = verdict(.accept)
  /// Drops the packet.
  public static let drop = verdict(.drop)
  /// Returns to the calling chain; at the end of a base chain, applies its policy.
  public static let `return` = verdict(.return)
  /// Continues in a chain of the same table, and returns at its end.
  public static func jump(_ chain: String) -> Statement { verdict(.jump(chain)) }
  /// Continues in a chain of the same table, and does not return.
  public static func goto(_ chain: String) -> Statement { verdict(.goto(chain)) }

  /// Issues a verdict.
  public static func verdict(_ verdict: Verdict) -> Statement {
    Statement([Expression(.immediate(.verdict(verdict)))])
  }

  /// Issues the verdict that a map has for the concatenated fields: `iifname vmap @chains`.
  public static func verdict(of fields: Field..., in map: some SetDeclaration) -> Statement {
    lookup(fields, Lookup(set: map.id.name, result: .verdict))
  }

  // MARK: Changes

  /// Sets a field to the value that a map has for other fields, concatenated: `ip saddr set iifname map @outer`. If the
  /// map has no value, the rule ends.
  public static func set(_ field: Field, from map: some SetDeclaration, of fields: Field...) -> Statement {
    var statement = lookup(
      fields, Lookup(set: map.id.name, result: .register(.first)), then: [field.store(from: .first)].compactMap(\.self))
    statement.requirements += field.requirements
    return statement
  }

  // MARK: Address translation

  /// Destination NAT to the address that a map has for the fields, and to the port if its data includes one:
  /// `dnat ip to meta l4proto . th dport map @published`.
  public static func dnat(_ family: Family, to map: some SetDeclaration, of fields: Field...) -> Statement {
    var port: Register?
    if case .values(let types) = map.named.data, types.count > 1 {
      port = Register.first.advanced(byBytes: types[0].size)
    }
    return lookup(
      fields, Lookup(set: map.id.name, result: .register(.first)),
      then: [Expression(.nat(NAT(kind: .destination, family: family, address: .first, port: port)))])
  }

  /// Destination NAT to an address: `dnat ip to 198.51.100.2`.
  public static func dnat(_ family: Family, to address: IPv4Address) -> Statement {
    nat(.destination, family, to: address)
  }

  /// Source NAT to an address: `snat ip to 198.51.100.2`.
  public static func snat(_ family: Family, to address: IPv4Address) -> Statement { nat(.source, family, to: address) }

  private static func nat(_ kind: NAT.Kind, _ family: Family, to address: IPv4Address) -> Statement {
    Statement([
      Expression(.immediate(.value(address.bytes, .first))),
      Expression(.nat(NAT(kind: kind, family: family, address: .first))),
    ])
  }

  /// Masquerading: source NAT to the address of the output interface.
  public static let masquerade = Statement([Expression(.masquerade(Masquerade()))])

  /// Masquerading with a source port from this range (host byte order): `masquerade to :32768-65535`. A port that is
  /// already in the range is kept unless it is in use.
  public static func masquerade(ports: ClosedRange<UInt16>) -> Statement {
    // As in nft, each constant of a NAT statement takes a register of 16 bytes.
    let last = Register.first.advanced(byBytes: 16)
    return Statement([
      Expression(.immediate(.value(Datum.port(ports.lowerBound).bytes, .first))),
      Expression(.immediate(.value(Datum.port(ports.upperBound).bytes, last))),
      Expression(.masquerade(Masquerade(port: .first, lastPort: last))),
    ])
  }

  // MARK: Other actions

  /// Adds an element to the set, or restarts the timeout of the existing one: `update @seen { ip daddr }`. The set needs the
  /// flags `dynamic` and `timeout`.
  public static func update(_ set: some SetDeclaration, _ fields: Field...) -> Statement {
    load(fields, then: [Expression(.dynamicSet(DynamicSet(operation: .update, set: set.id.name)))])
  }

  /// Applies the limit that the set has for the fields, and adds one if it has none: `update @rates { iifname limit rate
  /// over 10/second }`. The set needs the flags `dynamic` and `timeout`.
  public static func limit(_ limit: Limit, of fields: Field..., in set: some SetDeclaration) -> Statement {
    let change = DynamicSet(operation: .update, set: set.id.name, meter: .limit(limit))
    return load(fields, then: [Expression(.dynamicSet(change))])
  }

  /// Applies a limit on the number of connections that the set counts for the fields: `add @connections { ip saddr ct count
  /// over 5 }`. The set needs the flag `dynamic`, and must not have a timeout.
  public static func limit(_ limit: ConnectionLimit, of fields: Field..., in set: some SetDeclaration) -> Statement {
    let change = DynamicSet(operation: .add, set: set.id.name, meter: .connections(limit))
    return load(fields, then: [Expression(.dynamicSet(change))])
  }

  /// Lowers the TCP maximum segment size, in packets that announce it, to that of the route:
  /// `tcp option maxseg size set rt mtu`.
  public static let clampSegmentSize = Statement(
    [.transport(6)],
    [
      Expression(.route(RouteProperty(key: .maximumSegmentSize, destination: .first))),
      Expression(.byteOrder(ByteOrder(.first, .toNetwork, length: 2, size: 2))),
      Expression(
        .extensionHeader(ExtensionHeader(kind: .tcpOption, type: 2, offset: 2, length: 2, access: .store(.first)))),
    ])

  /// Counts packets and bytes.
  public static let counter = Statement([Expression(.counter(Counter()))])
  /// Applies a rate limit to the packets that reach this statement.
  public static func limit(_ limit: Limit) -> Statement { Statement([Expression(.limit(limit))]) }
  /// Applies the limit object that a map has for the concatenated fields: `limit name meta iifname map @rates`. If the map
  /// has none, the rule ends.
  public static func limit(of fields: Field..., in map: some SetDeclaration) -> Statement {
    load(fields, then: [Expression(.object(.map(map.id.name, key: .first)))])
  }
}
