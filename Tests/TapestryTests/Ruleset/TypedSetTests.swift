import NetTypes
import Testing

@testable import NFTables
@testable import Tapestry

/// Without a kernel: what is written into a set is read from it.
@Suite("Typed sets")
struct TypedSetTests {
  private static let tap = InterfaceName(known: "svatap0")
  private static let mac = MACAddress(2, 0, 0, 0, 0, 9)
  private static let address4 = IPv4Address(10, 1, 2, 3)
  private static let address6 = IPv6Address(rawValue: 0xfd00 << 112 | 7)
  private static let prefix4 = IPPrefix.v4(IPv4Prefix(known: IPv4Address(10, 1, 2, 0), prefixLength: 24))
  private static let prefix6 = IPPrefix.v6(IPv6Prefix(known: IPv6Address(rawValue: 0xfd00 << 112), prefixLength: 64))

  @Test("of the tables hold a key, and a value, as they were written")
  func roundTrips() {
    var done: Set<NamedSet.ID> = []
    for set in [RulesetTables.bridges, RulesetTables.dhcpBridges] { done.insert(written(set, Self.tap)) }
    for set in [RulesetTables.macs, RulesetTables.bridgeDHCP, RulesetTables.aboutMACs, RulesetTables.aboutRoutedMACs] {
      done.insert(written(set, Self.tap, Self.mac))
    }
    done.insert(written(RulesetTables.arpGuests, Self.tap, Self.mac, Self.address4))
    for set in [RulesetTables.arpTargets, RulesetTables.hairpin] {
      done.insert(written(set, Self.prefix4, IPPrefix(host: Self.address4)))
    }
    done.insert(written(RulesetTables.arpPeers, Self.address4, IPv4Address(198, 51, 100, 1)))
    done.insert(written(RulesetTables.interVM, Self.tap, InterfaceName(known: "svbr0")))
    done.insert(written(RulesetTables.served, Self.prefix4, Self.address4))
    done.insert(written(RulesetTables.resolvers, Self.address4, 17, 301))
    done.insert(written(Notes.set, Self.tap, 65535))
    done.insert(written(RulesetTables.prefixes6, Self.tap, Self.address6))
    for set in [RulesetTables.linkLocal6, RulesetTables.metadata6] { done.insert(written(set, Self.prefix6)) }
    for map in [
      RulesetTables.arpOuter, RulesetTables.arpInner, RulesetTables.outer, RulesetTables.inner,
      RulesetTables.outerQuoted, RulesetTables.innerQuoted,
    ] { done.insert(written(map, Self.tap, Self.address4, to: IPv4Address(198, 51, 100, 1))) }
    for map in [
      RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets, RulesetTables.transmitBytes,
      RulesetTables.transmitPackets,
    ] { done.insert(written(map, Self.tap, to: LimitName("svatap0_1_bytes"))) }
    let guest = GuestPort(address: Self.address4, port: 80)
    done.insert(written(RulesetTables.published, 6, 8080, to: guest))
    done.insert(written(RulesetTables.publishedAt, IPv4Address(192, 0, 2, 1), 17, 65535, to: guest))
    for tables in RulesetTables.families { done.formUnion(roundTrips(tables)) }
    let declared = RulesetTables.sets.filter { !RulesetTables.isFilledDynamically($0) }
    #expect(done == Set(declared.map(\.id)))
  }

  private func roundTrips(_ tables: FamilyTables) -> Set<NamedSet.ID> {
    let prefix: IPPrefix = tables.family == .v4 ? Self.prefix4 : Self.prefix6
    let address: IPAddress = tables.family == .v4 ? .v4(Self.address4) : .v6(Self.address6)
    let everything = IPPrefix.everything(tables.family)
    let addresses = everything.address...everything.lastAddress
    var done: Set<NamedSet.ID> = []
    for set in [tables.bridged, tables.routed, tables.aboutBridged, tables.aboutRouted] {
      done.insert(written(set, Self.tap, Self.mac, address))
    }
    for set in [tables.subnets, tables.hostPing] { done.insert(written(set, prefix)) }
    done.insert(written(tables.interVMSubnets, prefix, everything))
    done.insert(written(tables.guestRules, address, addresses, 6...6, 1000...2000, to: .drop))
    done.insert(written(tables.networkRules, prefix, address...address, 0...255, 0...65535, to: .accept))
    for map in [tables.guestReach, tables.guestNames] {
      done.insert(written(map, address, to: .jump("names.0..svbr0")))
    }
    for map in [tables.networkReach, tables.networkNames] { done.insert(written(map, prefix, to: .drop)) }
    done.insert(written(tables.specialUse, addresses))
    done.insert(written(tables.hostAccess, everything, 17...17, 53...53))
    done.insert(written(tables.services, address, 6, 53))
    for limit in [MaximumConnections.unlimited, .atMost(17)] {
      done.insert(written(tables.maxConnections, address, to: limit.verdict))
    }
    done.insert(written(tables.interVMGuests, address))
    done.insert(written(tables.peers, address, everything.lastAddress))
    return done
  }

  @Test("say nothing of an element that is none of theirs")
  func wrongShapes() {
    func bytes(_ type: DataType, _ bytes: UInt8...) -> Datum { Datum(type, bytes: bytes) }
    let (name, address) = (Datum.interface(Self.tap), Datum.ipv4(Self.address4))
    #expect(RulesetTables.bridges.key(of: Element(key: [])) == nil)
    #expect(RulesetTables.bridges.key(of: Element(address)) == nil)
    #expect(
      RulesetTables.bridges.key(of: Element(Datum(.interfaceName, bytes: Array(repeating: 0x61, count: 16)))) == nil)
    #expect(RulesetTables.v4.subnets.key(of: Element(.ipv6(Self.address6))) == nil)
    #expect(RulesetTables.v4.interVMGuests.key(of: Element(bytes(.ipv4Address, 10, 1, 2))) == nil)
    // A range that is no prefix, and one where there are single values.
    let odd = Element(key: [address], through: [.ipv4(IPv4Address(10, 1, 2, 9))])
    #expect(RulesetTables.v4.subnets.key(of: odd) == nil && RulesetTables.v4.interVMGuests.key(of: odd) == nil)
    #expect(RulesetTables.v4.specialUse.key(of: odd) != nil)
    let backwards = Element(key: [address], through: [.ipv4(IPv4Address(10, 1, 2, 0))])
    #expect(RulesetTables.v4.specialUse.key(of: backwards) == nil)
    // Values of other kinds.
    let place = Element.Data.values([address, .port(80)])
    #expect(RulesetTables.published.entry(of: Element(.tcp, .port(80), data: .values([address]))) == nil)
    #expect(RulesetTables.published.entry(of: Element(.tcp, .port(80))) == nil)
    #expect(RulesetTables.outer.entry(of: Element(name, address, data: .verdict(.drop))) == nil)
    #expect(RulesetTables.transmitBytes.entry(of: Element(name, data: .values([address]))) == nil)
    #expect(RulesetTables.v4.maxConnections.entry(of: Element(address, data: place)) == nil)
    // A protocol without ports, and verdicts that stand for nothing.
    #expect(Transport(number: 1) == nil && MaximumConnections(.accept) == nil)
    #expect(TrafficRule.Verdict(.return) == nil && EgressPolicy.Reach(.return) == nil)
  }

  // MARK: Reading what was written

  /// Expects to read the key from the element, and from what the kernel would make of it.
  private func written<each Key: SetKey & Equatable>(
    _ set: TypedSet<repeat each Key>, _ key: repeat each Key, at location: SourceLocation = #_sourceLocation
  ) -> NamedSet.ID {
    let (named, element) = set.element(repeat each key)
    #expect(named == set.named, sourceLocation: location)
    for element in forms(of: element, in: named, location) {
      guard let read = set.key(of: element) else {
        Issue.record("\(named.id): \(element)", sourceLocation: location)
        continue
      }
      for (read, key) in repeat (each read, each key) { #expect(read == key, sourceLocation: location) }
    }
    for other in misshapen(element) { #expect(set.key(of: other) == nil, sourceLocation: location) }
    return named.id
  }

  private func written<each Key: SetKey & Equatable, Value: MapValue>(
    _ map: TypedMap<repeat each Key, Value>, _ key: repeat each Key, to value: Value,
    at location: SourceLocation = #_sourceLocation
  ) -> NamedSet.ID {
    let (named, element) = map.element(repeat each key, to: value)
    #expect(named == map.named, sourceLocation: location)
    for element in forms(of: element, in: named, location) {
      guard let (read, readValue) = map.entry(of: element) else {
        Issue.record("\(named.id): \(element)", sourceLocation: location)
        continue
      }
      for (read, key) in repeat (each read, each key) { #expect(read == key, sourceLocation: location) }
      #expect(map.element(repeat each key, to: readValue).1.data == element.data, sourceLocation: location)
    }
    for other in misshapen(element) { #expect(map.entry(of: other) == nil, sourceLocation: location) }
    return named.id
  }

  /// The element, and as it is read from the kernel, which knows only the padded size of integers.
  private func forms(of element: Element, in set: NamedSet, _ location: SourceLocation) -> [Element] {
    guard let stored = try? Element.elements(StoredElement.parts(of: element, in: set), of: set.normalForm),
      stored.count == 1
    else {
      Issue.record("\(set.id): \(element) is not one element", sourceLocation: location)
      return [element]
    }
    #expect(stored[0].normalForm == element.normalForm, sourceLocation: location)
    return [element, stored[0]]
  }

  private func misshapen(_ element: Element) -> [Element] {
    var (short, long, other) = (element, element, element)
    short.key.removeLast()
    long.key.append(.port(1))
    other.key[0] = .mark(1)
    return [short, long, other]
  }
}
