/// Where on its way a packet meets a base chain.
public enum Hook: Hashable, Sendable, CaseIterable {
  case prerouting, input, forward, output, postrouting
  /// As a device takes a packet in, before all others.
  case ingress
  /// As a device is about to send: netdev only.
  case egress

  /// The hook's number in a family: NF_INET_, NF_BR_, NF_ARP_ and NF_NETDEV_. nil where the family has no such hook.
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

extension Hook: CustomStringConvertible {
  /// The word that nft(8) uses: `prerouting`.
  public var description: String {
    switch self {
    case .prerouting: "prerouting"
    case .input: "input"
    case .forward: "forward"
    case .output: "output"
    case .postrouting: "postrouting"
    case .ingress: "ingress"
    case .egress: "egress"
    }
  }
}

/// The place of a base chain among those of one hook: lower numbers see a packet first.
public struct Priority: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  public var rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }
  public init(integerLiteral value: Int32) { rawValue = value }

  /// Before connection tracking: NF_IP_PRI_RAW.
  public static let raw: Priority = -300
  public static let mangle: Priority = -150
  /// Destination NAT, on prerouting: NF_IP_PRI_NAT_DST.
  public static let dstnat: Priority = -100
  public static let filter: Priority = 0
  public static let security: Priority = 50
  /// Source NAT, on postrouting: NF_IP_PRI_NAT_SRC.
  public static let srcnat: Priority = 100

  public var description: String { "\(rawValue)" }
}
