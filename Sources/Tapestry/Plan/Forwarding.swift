import Linux

/// What else the kernel changes when IPv4 forwarding is turned on or off: each link's own setting, the default for new
/// links, and whether redirects are accepted. `inet_forward_change` in net/ipv4/devinet.c.
enum Forwarding {
  static let acceptRedirects = Sysctl(rawValue: "net/ipv4/conf/all/accept_redirects")

  /// - Parameter link: a link's name, or `default` for new links.
  static func ofLink(_ link: String) -> Sysctl { Sysctl(rawValue: "net/ipv4/conf/\(link)/forwarding") }

  static func sideEffects(links: some Sequence<String>) -> [Sysctl] {
    [acceptRedirects, ofLink("default")] + links.map(ofLink)
  }

  /// The earlier values that turning forwarding back off does not restore.
  static func lost(_ sysctls: [Sysctl: String]) -> [Sysctl: String] {
    guard let forwarding = sysctls[.ipv4Forward] else { return [:] }
    return sysctls.filter { sysctl, value in
      switch sysctl {
      case .ipv4Forward: false
      case _ where Forwarding6.isOfIPv6(sysctl): false
      case acceptRedirects: value != (forwarding == "0" ? "1" : "0")
      // Sysctls that are read for other reasons, such as `arp_ignore`, are not changed by forwarding.
      default: sysctl.isChanged && value != forwarding
      }
    }
  }
}
