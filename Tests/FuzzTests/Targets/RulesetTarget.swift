import CLinux

@testable import NFTables
@testable import Netlink

extension FuzzTarget {
  /// A datagram with the messages that tell of a whole table: objects, sets and their elements, chains, rules.
  static let ruleset = FuzzTarget("ruleset", longest: 4096) { bytes in
    guard let contents = contents(of: bytes) else { return }
    let normal = contents.normalForm
    hold(!contents.description.isEmpty, "a table has a text")
    // The kernel has no two chains, objects, sets or elements of one name.
    guard contents.isUnambiguous else { return }
    hold(normal.normalForm == normal, "the normal form is normal")
    let installation = normal.installation
    guard (try? installation.validate()) != nil else { return }
    let batch = Batch(installation).messages
    hold(!batch.isOversized, "what came in small messages goes out in such")
    let again = Self.contents(of: batch.bytes)
    hold(again?.normalForm == normal, differing(normal, again?.normalForm))
  }

  /// Reads what there is of the first table that is told of.
  private static func contents(of bytes: [UInt8]) -> TableContents? {
    bytes.decoded { span throws(DecodingFailure) in
      var contents: TableContents?
      var stored: [String: [StoredElement]] = [:]
      try span.forEachMessage { header, payload throws(DecodingFailure) in
        guard header.type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) else { return }
        switch MessageType(rawValue: header.type & 0xff) {
        case .newTable:
          let table = try Table(decoding: payload)
          if contents == nil { contents = TableContents(table) }
          // One that is destroyed first is made twice, the first time bare.
          if contents?.table.id == table.id { contents?.table = table }
        case .newObject: contents?.objects.append(try StatefulObject(decoding: payload))
        case .newSet: contents?.sets.append(try NamedSet(decoding: payload))
        case .newElement:
          guard let set = contents?.sets.first(where: { $0.id.name == setName(payload) }) else { return }
          try StoredElement.append(from: payload, of: set, to: &stored[set.id.name, default: []])
        case .newChain: contents?.chains.append(try Chain(decoding: payload))
        case .newRule: contents?.rules.append(try InstalledRule(decoding: payload).rule)
        default: break
        }
      }
      for set in contents?.sets ?? [] {
        guard let parts = stored[set.id.name] else { continue }
        contents?.elements[set.id.name] = try Element.elements(parts, of: set)
      }
      return contents
    }
  }

  /// Of which set a message with elements is.
  private static func setName(_ payload: RawSpan) -> String? {
    var name: String?
    try? payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { type, value throws(DecodingFailure) in
      if type == NFTA_SET_ELEM_LIST_SET.attribute { name = value.string }
    }
    return name
  }
}

extension TableContents {
  fileprivate var isUnambiguous: Bool {
    Set(objects.map { [$0.name, "\($0.kind.type)"] }).count == objects.count
      && Set(sets.map(\.id.name)).count == sets.count && Set(chains.map(\.id.name)).count == chains.count
      && elements.values.allSatisfy { Set($0.map(\.key.keyBytes)).count == $0.count }
  }
}
