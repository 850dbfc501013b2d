import NetTypes

@testable import Xtables

extension FuzzTarget {
  /// A table of iptables-legacy: `struct ipt_getinfo` and the entries. What it says is written as it was, and a rule that
  /// comes and goes leaves no trace.
  static let xtables = FuzzTarget("xtables", longest: 4_096) {
    check($0, .v4, (try? IPPrefix(parsing: "172.30.0.0/24")))
  }
  /// The same of ip6tables-legacy.
  static let xtables6 = FuzzTarget("xtables6", longest: 4_096) {
    check($0, .v6, (try? IPPrefix(parsing: "fd00:7::/64")))
  }

  private static func check(_ bytes: [UInt8], _ family: IPFamily, _ prefix: IPPrefix?) {
    let end = XtablesTable.InfoOffset.end
    guard bytes.count >= end else { return }
    let entries = Array(bytes[end...])
    guard let table = table(family, info: Array(bytes[..<end]), entries) else { return }

    let written = Array(table.replacement[XtablesTable.ReplaceOffset.entries...])
    hold(written == entries, "what was not changed is written as it was read")
    hold(table.countersInfo([]).count == 40 + 16 * table.originalCount, "every entry has its counters")

    let rule = XtablesRule.Acceptance(source: prefix, comment: "tapestry: network default")
    for chain in ["INPUT", "FORWARD", "DOCKER-USER"] {
      var changed = table
      hold(changed.insert(rule, in: chain) == table.hasChain(chain), "a chain that is there takes a rule")
      guard table.hasChain(chain) else { continue }
      let rules = changed.rules(of: chain)
      hold(rules.count == table.rules(of: chain).count + 1, "it is one more")
      hold(
        rules[0].target == .accept && rules[0].source == rule.source && rules[0].comment == rule.comment, "it is first")
      hold(changed.policy(of: chain) == table.policy(of: chain), "the policy stays")
      changed.remove(rules[0])
      hold(changed.replacement == table.replacement, "it leaves no trace")
    }
  }

  private static func table(_ family: IPFamily, info: [UInt8], _ entries: [UInt8]) -> XtablesTable? {
    do throws(XtablesDecodingFailure) {
      return try XtablesTable(family: family, info: info, entries: entries)
    } catch {
      hold(!error.description.isEmpty, "a refusal says why")
      return nil
    }
  }
}
