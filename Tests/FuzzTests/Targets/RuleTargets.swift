import CLinux
import Netlink

@testable import NFTables
@testable import Tapestry

extension FuzzTarget {
  /// A rule with whatever expressions: read, written again, printed, and brought to its normal form.
  static let rules = FuzzTarget("rules", longest: 1024) { bytes in
    guard let installed = bytes.decoded({ span throws(DecodingFailure) in try InstalledRule(decoding: span) })
    else { return }
    let rule = installed.rule
    // A load alone is no words.
    _ = rule.description
    let foreign = ForeignRule(rule)
    hold(foreign.accepts == nil || foreign.outcome == .accept, "what is accepted is accepted")
    hold(ForeignRule(rule.normalForm) == foreign, "counters change nothing of what a rule says")
    hold(rule.normalForm.normalForm == rule.normalForm, "the normal form is normal")
    hold(again(rule) == rule, differing(rule, again(rule)))
    hold(again(rule.normalForm) == rule.normalForm, differing(rule.normalForm, again(rule.normalForm)))
  }

  private static func again(_ rule: Rule) -> Rule? {
    let bytes = payload {
      $0.append(contentsOf: [rule.chain.table.family.rawValue, 0, 0, 0])
      rule.encode(into: &$0)
    }
    return bytes.decoded { span throws(DecodingFailure) in try InstalledRule(decoding: span).rule }
  }

  /// The elements of a set; the first byte says of which.
  static let elements = FuzzTarget("elements", longest: 1024) { bytes in
    guard let choice = bytes.first else { return }
    let set = sets[Int(choice) % sets.count]
    guard let read = elements(Array(bytes.dropFirst()), of: set) else { return }
    hold(read.allSatisfy { !$0.description.isEmpty }, "an element has a text")
    hold(read.allSatisfy { $0.normalForm.normalForm == $0.normalForm }, "the normal form is normal")
    // Two elements of one key cannot be in a set: the kernel sends no such dump.
    guard Set(read.map(\.key.keyBytes)).count == read.count else { return }
    var transaction = Transaction()
    transaction.add(read, to: set)
    guard (try? transaction.validate()) != nil else { return }
    let written = payload {
      $0.append(contentsOf: [UInt8](repeating: 0, count: 4))
      $0.nest(NFTA_SET_ELEM_LIST_ELEMENTS) { list in
        for element in read { StoredElement.parts(of: element, in: set).forEach { $0.encode(into: &list) } }
      }
    }
    let again = elements(written, of: set)
    // Their order is that of the keys as they came, padding and all.
    hold(again.map(Set.init) == Set(read), differing(read, again))
  }

  private static func elements(_ bytes: [UInt8], of set: NamedSet) -> [Element]? {
    bytes.decoded { span throws(DecodingFailure) in
      var stored: [StoredElement] = []
      try StoredElement.append(from: span, of: set, to: &stored)
      return try Element.elements(stored, of: set)
    }
  }

  private static let table = Table.ID(.inet, "t")
  private static let sets = [
    NamedSet(table, "s", .interfaceName, .etherAddress, .ipv4Address),
    NamedSet(table, "s", .ipv4Address, flags: .interval),
    NamedSet(table, "s", .ipv4Address, .inetService, mapsTo: .verdict, flags: .interval),
    NamedSet(table, "s", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService])),
    NamedSet(table, "s", .mark, mapsTo: .values([.mark]), flags: .timeout, timeout: 60_000),
    NamedSet(table, "s", .ipv4Address, mapsTo: .objects(.limit), flags: .interval),
  ]
}
