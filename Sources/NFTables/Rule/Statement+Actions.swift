public import NetTypes

extension Statement {
  // MARK: Verdicts

  public static let accept = verdict(.accept)
  public static let drop = verdict(.drop)
  public static let `return` = verdict(.return)
  public static func jump(_ chain: String) -> Statement { verdict(.jump(chain)) }
  public static func goto(_ chain: String) -> Statement { verdict(.goto(chain)) }

  public static func verdict(_ verdict: Verdict) -> Statement {
    Statement([Expression(.immediate(.verdict(verdict)))])
  }

  /// The verdict that a map gives for the fields, concatenated: `iifname vmap @chains`.
  public static func verdict(of fields: Field..., in map: NamedSet) -> Statement {
    lookup(fields, Lookup(in: map.id.name, result: .verdict))
  }

  // MARK: Changes

  /// Sets a field to what a map gives for other fields, concatenated: `ip saddr set iifname map @outer`. A packet that
  /// the map knows nothing of leaves the rule.
  public static func set(_ field: Field, from map: NamedSet, of fields: Field...) -> Statement {
    var statement = lookup(
      fields, Lookup(in: map.id.name, result: .register(.first)), then: [field.store(from: .first)].compactMap(\.self))
    statement.requirements += field.requirements
    return statement
  }

  /// Sets a field to a value: `meta mark set 0x1`.
  public static func set(_ field: Field, to value: Datum) -> Statement {
    Statement(
      field.requirements,
      [Expression(.immediate(.value(value.bytes, .first))), field.store(from: .first)].compactMap(\.self))
  }

  // MARK: Address translation

  /// Sends the connection to the address that a map gives for the fields, and the port where its data has one:
  /// `dnat ip to meta l4proto . th dport map @published`.
  public static func dnat(_ family: Family, to map: NamedSet, of fields: Field...) -> Statement {
    nat(.destination, family, map, fields)
  }

  /// Gives the connection as its source what a map gives for the fields: `snat ip to ip saddr map @outer`.
  public static func snat(_ family: Family, to map: NamedSet, of fields: Field...) -> Statement {
    nat(.source, family, map, fields)
  }

  /// Sends the connection to an address, and a port where one is given: `dnat ip to 198.51.100.2:80`.
  public static func dnat(_ family: Family = .ip, to address: IPv4Address, port: UInt16? = nil) -> Statement {
    let portRegister = Register.first.advanced(byBytes: Self.addressBytes)
    var expressions = [Expression(.immediate(.value(address.bytes, .first)))]
    if let port { expressions.append(Expression(.immediate(.value(Datum.port(port).bytes, portRegister)))) }
    expressions.append(
      Expression(.nat(NAT(.destination, family, address: .first, port: port == nil ? nil : portRegister))))
    return Statement(expressions)
  }

  /// Like nft, constants of address translation take a register of 16 bytes each.
  private static let addressBytes = 16

  /// Sends the connection to a port of this host itself.
  public static func redirect(port: UInt16) -> Statement {
    Statement([
      Expression(.immediate(.value(Datum.port(port).bytes, .first))), Expression(.redirect(Redirect(port: .first))),
    ])
  }

  private static func nat(_ kind: NAT.Kind, _ family: Family, _ map: NamedSet, _ fields: [Field]) -> Statement {
    var port: Register?
    if case .values(let types) = map.data, types.count > 1 {
      port = Register.first.advanced(byBytes: types[0].size)
    }
    return lookup(
      fields, Lookup(in: map.id.name, result: .register(.first)),
      then: [Expression(.nat(NAT(kind, family, address: .first, port: port)))])
  }

  /// Gives the connection the address of the interface it goes out of as its source.
  public static let masquerade = Statement([Expression(.masquerade(Masquerade()))])

  /// The same, with a source port among these; one that is among them already is kept while nobody else has it:
  /// `masquerade to :32768-65535`.
  public static func masquerade(ports: ClosedRange<UInt16>) -> Statement {
    let last = Register.first.advanced(byBytes: Self.addressBytes)
    return Statement([
      Expression(.immediate(.value(Datum.port(ports.lowerBound).bytes, .first))),
      Expression(.immediate(.value(Datum.port(ports.upperBound).bytes, last))),
      Expression(.masquerade(Masquerade(port: .first, lastPort: last))),
    ])
  }

  public static func masquerade(_ flags: NATFlags) -> Statement {
    Statement([Expression(.masquerade(Masquerade(flags: flags)))])
  }

  // MARK: The rest

  /// Has an element of the set, or a new one, live for its timeout from now on: `update @seen { ip daddr }`. The set needs the
  /// flags `dynamic` and `timeout`.
  public static func update(_ set: NamedSet, _ fields: Field...) -> Statement {
    load(fields, into: .first, then: [Expression(.dynamicSet(DynamicSet(.update, set.id.name)))])
  }

  /// Goes by the limit that the set has for the fields, which it gets now if it has none: `update @rates { iifname limit rate
  /// over 10/second }`. The set needs the flags `dynamic` and `timeout`.
  public static func limit(_ limit: Limit, of fields: Field..., in set: NamedSet) -> Statement {
    load(fields, into: .first, then: [Expression(.dynamicSet(DynamicSet(.update, set.id.name, meter: .limit(limit))))])
  }

  /// Goes by the number of connections that the set has counted for the fields: `add @connections { ip saddr ct count over 5
  /// }`. The set needs the flag `dynamic`, and no timeout.
  public static func limit(_ limit: ConnectionLimit, of fields: Field..., in set: NamedSet) -> Statement {
    load(
      fields, into: .first, then: [Expression(.dynamicSet(DynamicSet(.add, set.id.name, meter: .connections(limit))))])
  }

  /// Lowers TCP's maximum segment size, in packets that announce it, to what the way of the connection takes:
  /// `tcp option maxseg size set rt mtu`.
  public static let clampSegmentSize = Statement(
    [.transport(6)],
    [
      Expression(.route(RouteProperty(.maximumSegmentSize, into: .first))),
      Expression(.byteOrder(ByteOrder(.first, .toNetwork, length: 2, size: 2))),
      Expression(.extensionHeader(ExtensionHeader(.tcpOption, type: 2, offset: 2, length: 2, .store(.first)))),
    ])

  public static let counter = Statement([Expression(.counter(Counter()))])
  public static func limit(_ limit: Limit) -> Statement { Statement([Expression(.limit(limit))]) }
  /// Goes by a limit of the table's, which other rules may share: `limit name "uplink"`.
  public static func limit(named name: String) -> Statement {
    Statement([Expression(.object(.named(name, .limit)))])
  }

  /// Goes by the limit that a map of limits has for the fields, concatenated: `limit name meta iifname map @rates`. A
  /// packet that the map knows nothing of leaves the rule.
  public static func limit(of fields: Field..., in map: NamedSet) -> Statement {
    load(fields, into: .first, then: [Expression(.object(.map(map.id.name, key: .first)))])
  }

  public static func log(_ log: Log) -> Statement { Statement([Expression(.log(log))]) }

  /// Drops the packet and tells its sender. A TCP reset answers TCP only.
  public static func reject(_ reject: Reject = .icmpx(code: 1)) -> Statement {
    Statement(reject == .tcpReset ? [.transport(6)] : [], [Expression(.reject(reject))])
  }
}
