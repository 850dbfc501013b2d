public import NetTypes

/// A table of iptables-legacy or ip6tables-legacy: all its chains, one after another, as the kernel keeps them.
///
/// Entries refer to each other and chains to entries; here by number, so that an entry can come or go. What this code
/// knows nothing of stays as it was read, byte by byte.
public struct XtablesTable: Hashable, Sendable {
  public let name: String
  public let family: IPFamily
  /// A bit for each hook that has a chain.
  let hooks: UInt32
  private(set) var entries: [XtablesEntry]
  /// The first entry of each hook's chain, and its policy. What the kernel says of a hook without a chain is kept.
  private(set) var starts: [Anchor]
  private(set) var policies: [Anchor]
  /// How many entries there were when the table was read.
  let originalCount: Int
  private var nextID: Int

  enum Anchor: Hashable, Sendable {
    case entry(Int)
    case none(UInt32)
  }

  /// By number: NF_INET_.
  static let hookChains = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]

  init(
    name: String, family: IPFamily, hooks: UInt32, entries: [XtablesEntry], starts: [Anchor], policies: [Anchor]
  ) {
    self.name = name
    self.family = family
    self.hooks = hooks
    self.entries = entries
    self.starts = starts
    self.policies = policies
    originalCount = entries.count
    nextID = entries.count
  }

  // MARK: Chains

  /// Whether there is a chain of that name.
  public func hasChain(_ chain: String) -> Bool { places(of: chain) != nil }

  /// All chains.
  public var chainNames: [String] {
    Self.hookChains.indices.filter { hooks & 1 << $0 != 0 }.map { Self.hookChains[$0] }
      + entries.dropLast().compactMap(\.chainName)
  }

  /// The rules of a chain, in their order, without its policy; none where there is no such chain.
  public func rules(of chain: String) -> [XtablesRule] {
    (places(of: chain) ?? 0..<0).map { rule(at: $0) }
  }

  /// What a packet meets at the end of a chain of a hook's; nil for any other chain.
  public func policy(of chain: String) -> XtablesRule.Target? {
    guard let hook = Self.hookChains.firstIndex(of: chain), case .entry(let id) = policies[hook],
      let place = place(of: id)
    else { return nil }
    return rule(at: place).target
  }

  /// The places of a chain's rules.
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
    guard let target = entry.jump else { return XtablesRule(entry, goesTo: nil) }
    guard let next = self.place(of: target), next > 0, let chain = entries[next - 1].chainName else {
      // A rule without a target goes on at the next.
      return XtablesRule(entry, goesTo: nil)
    }
    return XtablesRule(entry, goesTo: chain)
  }

  // MARK: Changing

  /// Puts a rule into a chain.
  /// - Parameter number: How many of the chain's rules come before it; as many as there are, for more.
  /// - Returns: false where there is no such chain, and for addresses of another family than the table's.
  @discardableResult
  public mutating func insert(_ rule: XtablesRule.Acceptance, in chain: String, after number: Int = 0) -> Bool {
    guard rule.isOf(family), let places = places(of: chain) else { return false }
    let place = min(places.lowerBound + number, places.upperBound)
    let entry = rule.entry(id: nextID, .of(family))
    nextID += 1
    let next = entries[place].id
    // Whatever came to the next comes to the new one; the policy stays where it is.
    redirect(next, to: entry.id)
    entries.insert(entry, at: place)
    return true
  }

  /// Takes a rule out, one that `rules(of:)` gave.
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
