import Linux
import NetTypes

/// What else the kernel changes when a family's forwarding is turned on or off: each link's own setting, the default for
/// new links, and, for IPv4, whether redirects are accepted. `inet_forward_change` in net/ipv4/devinet.c,
/// `addrconf_fixup_forwarding` in net/ipv6/addrconf.c.
enum Forwarding {
  static let acceptRedirects = Sysctl(rawValue: "net/ipv4/conf/all/accept_redirects")

  static func ofHost(_ family: IPFamily) -> Sysctl { family == .v4 ? .ipv4Forward : .ipv6Forward }

  /// - Parameter link: a link's name, or `default` for new links.
  static func ofLink(_ link: String, _ family: IPFamily) -> Sysctl {
    Sysctl(rawValue: "\(directory(family))\(link)/forwarding")
  }

  /// Of IPv4.
  static func sideEffects(links: some Sequence<String>) -> [Sysctl] {
    [acceptRedirects, ofLink("default", .v4)] + links.map { ofLink($0, .v4) }
  }

  /// The earlier values that turning a family's forwarding back off does not restore.
  /// - Parameter links: our own, which forward before the host does and go with their networks.
  static func lost(
    _ family: IPFamily, _ sysctls: [Sysctl: String], without links: some Sequence<String> = []
  ) -> [Sysctl: String] {
    guard let forwarding = sysctls[ofHost(family)] else { return [:] }
    let own = Set(links.map { ofLink($0, family) })
    return sysctls.filter { sysctl, value in
      if own.contains(sysctl) { return false }
      if sysctl == acceptRedirects { return family == .v4 && value != (forwarding == "0" ? "1" : "0") }
      // Sysctls that are read for other reasons, such as `arp_ignore`, are not changed by forwarding.
      return sysctl.isChanged && sysctl != ofHost(family) && sysctl.rawValue.hasPrefix(directory(family))
        && sysctl.rawValue.hasSuffix("/forwarding") && value != forwarding
    }
  }

  /// Of the settings of links.
  static func directory(_ family: IPFamily) -> String { family == .v4 ? "net/ipv4/conf/" : "net/ipv6/conf/" }
}
