public import NetTypes

/// A table of iptables-legacy or ip6tables-legacy: its chains one after another, as the kernel stores them.
///
/// The kernel's entries refer to each other by offset, and so do hooks to entries. Here they refer to ids, so that
/// entries can be inserted and removed. Everything that this code does not decode is kept byte by byte.
public struct XtablesTable: Hashable, Sendable {
  /// The name: `filter`.
  public let name: String
  /// The address family.
  public let family: IPFamily
  /// A bit for each hook with a chain.
  let hooks: UInt32
  private(set) var entries: [XtablesEntry]
  /// The first entry of each hook's chain, and the entry of its policy. For a hook without a chain, the kernel's value is
  /// kept.
  private(set) var starts: [Anchor]
  private(set) var policies: [Anchor]
  /// The number of entries of the table that was read.
  let originalCount: Int
  /// The id of the next new entry.
  private(set) var nextID: Int

  enum Anchor: Hashable, Sendable {
    case entry(Int)
    case none(UInt32)
  }

  /// The built-in chains, by hook number: NF_INET_.
  static let hookChains = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]

  // MARK: Chains

  /// Returns true if the table has a chain of this name.
  public func hasChain(_ chain: String) -> Bool { places(of: chain) != nil }

  /// The names of all chains: the built-in ones, then the user-defined ones.
  public var chainNames: [String] {
    Self.hookChains.indices.filter { hooks & 1 << $0 != 0 }.map { Self.hookChains[$0] }
      + entries.dropLast().compactMap(\.chainName)
  }

  /// Returns the rules of a chain in order, without its policy; no rules if there is no such chain.
  public func rules(of chain: String) -> [XtablesRule] {
    (places(of: chain) ?? 0..<0).map { rule(at: $0) }
  }

  /// Returns the policy of a built-in chain; nil for any other chain.
  public func policy(of chain: String) -> XtablesRule.Target? {
    guard let hook = Self.hookChains.firstIndex(of: chain), case .entry(let id) = policies[hook],
      let place = place(of: id)
    else { return nil }
    return rule(at: place).target
  }

  /// The indices of a chain's rules.
  private func places(of chain: String) -> Range<Int>? {
    if let hook = Self.hookChains.firstIndex(of: chain), case .entry(let first) = starts[hook],
      case .entry(let last) = policies[hook], let start = place(of: first), let end = place(of: last), start <= end
    {
      return start..<end
    }
    // The last entry ends the table.
    guard let head = entries.dropLast().firstIndex(where: { $0.chainName == chain }),
      let next = entries[(head + 1)...].firstIndex(where: { $0.chainName != nil }), head + 1 < next
    else { return nil }
    return (head + 1)..<(next - 1)
  }

  func place(of id: Int) -> Int? { entries.firstIndex { $0.id == id } }

  private func rule(at place: Int) -> XtablesRule {
    let entry = entries[place]
    // The first rule of a chain follows the chain's name. A rule without a target jumps to the next entry.
    let head = entry.jump.flatMap { self.place(of: $0) }.flatMap { $0 > 0 ? entries[$0 - 1] : nil }
    return XtablesRule(entry, jumpsTo: head?.chainName)
  }

  // MARK: Changing

  /// Inserts a rule into a chain.
  /// - Parameters:
  ///   - rule: The new rule.
  ///   - chain: The name of the chain.
  ///   - number: The number of the chain's rules before the new one; at most all of them.
  /// - Returns: false if there is no such chain, or if the rule has addresses of another family than the table.
  @discardableResult
  public mutating func insert(_ rule: XtablesRule.Acceptance, in chain: String, after number: Int = 0) -> Bool {
    guard rule.isOf(family), let places = places(of: chain) else { return false }
    let place = min(places.lowerBound + number, places.upperBound)
    let entry = rule.entry(id: nextID, .of(family))
    nextID += 1
    let next = entries[place].id
    // What led to the next entry (a jump, the start of a chain) now leads to the new one. The policy stays in place.
    redirect(next, to: entry.id)
    entries.insert(entry, at: place)
    return true
  }

  /// Removes a rule that `rules(of:)` returned.
  public mutating func remove(_ rule: XtablesRule) {
    guard let place = place(of: rule.id), place + 1 < entries.count else { return }
    redirect(rule.id, to: entries[place + 1].id)
    entries.remove(at: place)
  }

  private mutating func redirect(_ id: Int, to other: Int) {
    starts = starts.map { $0 == .entry(id) ? .entry(other) : $0 }
    for place in entries.indices where entries[place].jump == id { entries[place].jump = other }
  }
}
