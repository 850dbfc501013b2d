import Linux

/// What the kernel changes besides when IPv4 forwarding is turned on or off: every link's own setting, that of links to
/// come, and whether redirects are accepted. `inet_forward_change` in net/ipv4/devinet.c.
enum Forwarding {
  static let acceptRedirects = Sysctl(rawValue: "net/ipv4/conf/all/accept_redirects")

  /// - Parameter link: a link's name, or `default` for those to come.
  static func ofLink(_ link: String) -> Sysctl { Sysctl(rawValue: "net/ipv4/conf/\(link)/forwarding") }

  static func sideEffects(links: some Sequence<String>) -> [Sysctl] {
    [acceptRedirects, ofLink("default")] + links.map(ofLink)
  }

  /// Of the values before forwarding is turned on, those that turning it back does not bring back by itself.
  static func lost(_ sysctls: [Sysctl: String]) -> [Sysctl: String] {
    guard let forwarding = sysctls[.ipv4Forward] else { return [:] }
    return sysctls.filter { sysctl, value in
      switch sysctl {
      case .ipv4Forward: false
      case _ where Forwarding6.isOfIPv6(sysctl): false
      case acceptRedirects: value != (forwarding == "0" ? "1" : "0")
      // What is looked at for other reasons, as `arp_ignore` is, forwarding does not touch.
      default: sysctl.isChanged && value != forwarding
      }
    }
  }
}
