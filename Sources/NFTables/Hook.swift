/// A netfilter hook, at which packets traverse base chains. The cases' names are the keywords of nft(8).
public enum Hook: Hashable, Sendable, CaseIterable {
  /// The hooks of the packet's path through the network stack.
  case prerouting, input, forward, output, postrouting
  /// When a device receives a packet, before all other hooks.
  case ingress
  /// Before a device sends a packet: netdev only.
  case egress

  /// Returns the hook's number in a family: NF_INET_, NF_BR_, NF_ARP_ or NF_NETDEV_; nil if the family has no such hook.
  func number(in family: Family) -> UInt32? {
    switch (family, self) {
    case (.netdev, .ingress): 0
    case (.netdev, .egress): 1
    case (.netdev, _), (_, .egress): nil
    case (.arp, .input): 0
    case (.arp, .output): 1
    case (.arp, .forward): 2
    case (.arp, _): nil
    case (.bridge, .ingress), (.ip, .ingress), (.ip6, .ingress): nil
    case (_, .prerouting): 0
    case (_, .input): 1
    case (_, .forward): 2
    case (_, .output): 3
    case (_, .postrouting): 4
    case (_, .ingress): 5
    }
  }

  init?(number: UInt32, in family: Family) {
    guard let hook = Self.allCases.first(where: { $0.number(in: family) == number }) else { return nil }
    self = hook
  }
}

/// The priority of a base chain at its hook: chains with lower numbers come first.
public struct Priority: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// NFTA_HOOK_PRIORITY.
  public var rawValue: Int32

  /// The priority with this number.
  public init(rawValue: Int32) { self.rawValue = rawValue }
  /// The priority with this number.
  public init(integerLiteral value: Int32) { rawValue = value }

  /// NF_IP_PRI_NAT_DST: destination NAT, on prerouting.
  public static let dstnat: Priority = -100
  /// NF_IP_PRI_FILTER.
  public static let filter: Priority = 0
  /// NF_IP_PRI_NAT_SRC: source NAT, on postrouting.
  public static let srcnat: Priority = 100

  /// The number, in decimal.
  public var description: String { "\(rawValue)" }
}
