import Linux

/// The same of IPv6. A host that forwards believes no router advertisement and loses the default routes that it learnt
/// from them, but on links whose `accept_ra` is 2: `addrconf_fixup_forwarding` in net/ipv6/addrconf.c.
enum Forwarding6 {
  private static let directory = "net/ipv6/conf/"

  /// - Parameter link: a link's name, or `default` for those to come.
  static func ofLink(_ link: String) -> Sysctl { Sysctl(rawValue: "\(directory)\(link)/forwarding") }

  /// - Parameter link: a link's name, or `default` for those to come.
  static func routerAdvertisements(_ link: String) -> Sysctl { Sysctl(rawValue: "\(directory)\(link)/accept_ra") }

  /// Whether links that come get IPv6 at all: not where it is other than 0.
  static let disabled = disabled("default")

  /// - Parameter link: a link's name, or `default` for those to come.
  static func disabled(_ link: String) -> Sysctl { Sysctl(rawValue: "\(directory)\(link)/disable_ipv6") }

  static func isOfIPv6(_ sysctl: Sysctl) -> Bool { sysctl.rawValue.hasPrefix(directory) }

  /// Whether it is to become 2, so that the link goes on believing its routers.
  static func believesRoutersNoMore(_ sysctl: Sysctl, _ value: String) -> Bool {
    isOfIPv6(sysctl) && sysctl.rawValue.hasSuffix("/accept_ra") && value == "1"
  }

  /// Of the values before forwarding is turned on, those that turning it back does not bring back by itself.
  static func lost(_ sysctls: [Sysctl: String]) -> [Sysctl: String] {
    guard let forwarding = sysctls[.ipv6Forward] else { return [:] }
    return sysctls.filter { sysctl, value in
      isOfIPv6(sysctl) && sysctl != .ipv6Forward && sysctl.rawValue.hasSuffix("/forwarding") && value != forwarding
    }
  }
}

extension ObservedLink {
  /// Those that turning forwarding on changes, or would have to be changed before: of links of others.
  var sysctls6: [(Sysctl, String)] {
    guard let settings6, !isOwned else { return [] }
    return [
      (Forwarding6.ofLink(name), "\(settings6.forwarding)"),
      (Forwarding6.routerAdvertisements(name), "\(settings6.routers)"),
    ]
  }
}

extension Desired {
  /// Whether any network has IPv6.
  var hasIPv6: Bool { networks.contains { $0.subnet6 != nil } }
}

extension Observed {
  /// Why the kernel has no IPv6; nil where it has.
  var unsupportedIPv6: TapestryError? {
    guard sysctls[.ipv6Forward] == nil else { return nil }
    return TapestryError(
      .kernelUnsupported,
      "This kernel has no IPv6 (it lacks it, or was started with ipv6.disable=1): leave out --subnet6.")
  }

  /// Why a network cannot have IPv6; nil where it can. A bridge that exists has its own setting, whatever that of new links
  /// is.
  func missingIPv6(for network: Network) -> TapestryError? {
    if let unsupportedIPv6 { return unsupportedIPv6 }
    guard links[network.bridge.rawValue] == nil, let value = sysctls[Forwarding6.disabled], value != "0" else {
      return nil
    }
    return TapestryError(
      .kernelUnsupported,
      "sysctl \(Forwarding6.disabled.rawValue) is \(value): no link that is made gets IPv6. Set it to 0 ('sysctl "
        + "net.ipv6.conf.default.disable_ipv6=0'), or leave out --subnet6.")
  }
}
