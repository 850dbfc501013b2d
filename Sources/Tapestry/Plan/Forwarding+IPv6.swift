import Linux

/// What IPv6 has and IPv4 has not. A host that forwards ignores router advertisements and loses the default routes that it
/// learnt from them, except on links whose `accept_ra` is 2. A link may have IPv6 turned off.
enum Forwarding6 {
  /// - Parameter link: a link's name, or `default` for new links.
  static func routerAdvertisements(_ link: String) -> Sysctl { sysctl(link, "accept_ra") }

  /// Whether new links get no IPv6: they get none if the value is not 0.
  static let disabled = disabled("default")

  /// - Parameter link: a link's name, or `default` for new links.
  static func disabled(_ link: String) -> Sysctl { sysctl(link, "disable_ipv6") }

  private static func sysctl(_ link: String, _ name: String) -> Sysctl {
    Sysctl(rawValue: "\(Forwarding.directory(.v6))\(link)/\(name)")
  }

  static func isOfIPv6(_ sysctl: Sysctl) -> Bool { sysctl.rawValue.hasPrefix(Forwarding.directory(.v6)) }

  /// Returns true if the value must become 2, so that the link continues to accept router advertisements.
  static func wouldIgnoreRouters(_ sysctl: Sysctl, _ value: String) -> Bool {
    isOfIPv6(sysctl) && sysctl.rawValue.hasSuffix("/accept_ra") && value == "1"
  }
}

extension ObservedLink {
  /// The sysctls of a foreign link that turning forwarding on changes, or that must be changed before.
  var sysctls6: [(Sysctl, String)] {
    guard let settings6, !isOwned else { return [] }
    return [
      (Forwarding.ofLink(name, .v6), "\(settings6.forwarding)"),
      (Forwarding6.routerAdvertisements(name), "\(settings6.routers)"),
    ]
  }
}

extension Observed {
  /// Why the kernel has no IPv6. Returns nil if it has IPv6.
  var unsupportedIPv6: TapestryError? {
    guard sysctls[.ipv6Forward] == nil else { return nil }
    return TapestryError(
      .kernelUnsupported,
      saying: "This kernel has no IPv6 (not built in, or booted with ipv6.disable=1): omit \(.set(.subnet6)).")
  }

  /// Why a network cannot have IPv6. Returns nil if it can. An existing bridge has its own setting, which may differ from
  /// the default for new links.
  func missingIPv6(for network: Network) -> TapestryError? {
    if let unsupportedIPv6 { return unsupportedIPv6 }
    guard links[network.bridge.rawValue] == nil, let value = sysctls[Forwarding6.disabled], value != "0" else {
      return nil
    }
    return TapestryError(
      .kernelUnsupported,
      saying: """
        sysctl \(Forwarding6.disabled.rawValue) is \(value): new links get no IPv6. Set it to 0 ('sysctl \
        net.ipv6.conf.default.disable_ipv6=0'), or omit \(.set(.subnet6)).
        """)
  }
}
