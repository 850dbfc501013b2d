import Linux
import NetTypes

/// The desired dnsmasq of a network. Its whole configuration is its command line, so a process shows what it was started
/// with. What changes with each guest is in two directories that it watches.
struct NameService: Hashable, Sendable {
  var network: Network
  /// The domains that policies of the network and its guests allow.
  var domains: Set<DomainPattern>

  /// Returns nil if the network has no name server.
  init?(_ network: Network, domains: Set<DomainPattern> = []) {
    guard network.settings.nameServer != nil else { return nil }
    self.network = network
    self.domains = domains
  }

  /// Guests get their addresses by DHCP if they are on one Ethernet segment with the bridge.
  var servesDHCP: Bool { Self.servesDHCP(in: network.mode) }

  static func servesDHCP(in mode: Network.Mode) -> Bool { mode == .bridge }

  /// It also sends router advertisements if they have IPv6.
  var advertisesRouter: Bool { servesDHCP && network.subnet6 != nil }

  /// The ports at the gateway's address that it answers on.
  static func ports(in mode: Network.Mode) -> [(number: UInt16, transport: Transport)] {
    [(53, .udp), (53, .tcp)] + (servesDHCP(in: mode) ? [(67, .udp)] : [])
  }

  /// The arguments, without the program's name. Returns nil for a role that is not needed.
  func arguments(of role: NameServerRole = .server, _ place: NamePlace) -> [String]? {
    let common =
      ["--conf-file=/dev/null", place.mark(of: network.name, role), "--no-hosts", "--no-ident", "--bind-interfaces"]
      + ["--except-interface=lo", "--domain-needed"] + place.account.arguments + Self.limits
    if role == .server { return common + upstreams + serverArguments(place) }
    let fillings = fillings(of: role)
    guard !fillings.isEmpty else { return nil }
    return common + upstreams
      + ["--listen-address=\(network.subnet.gateway)", "--port=\(role.port)", "--cache-size=0"] + fillings
  }

  /// How many pending queries it keeps, and how many TCP connections, each of which takes a process. The ruleset allows
  /// one guest 100 queries a second, bursts of 200, and 4 TCP connections. A query times out after 10 seconds, so one
  /// guest has at most 1,200 pending. dnsmasq's defaults are 150 and 20: one guest, or five, could use them up for all.
  private static let limits = ["--dns-forward-max=5000", "--max-tcp-connections=400"]

  private var upstreams: [String] {
    guard let upstreams = network.settings.nameServer?.upstreams, !upstreams.isEmpty else { return [] }
    return ["--no-resolv"] + upstreams.map { "--server=\($0)" }
  }

  /// The longest TTL, in seconds, that guests see for names whose addresses are in sets. The sets' timeout is much longer,
  /// because answers do not renew their elements.
  private static let maximumTTL = 60

  private func serverArguments(_ place: NamePlace) -> [String] {
    var arguments = [
      "--hostsdir=\(place.hosts(of: network.name))",
      // The network's own names and addresses are never asked upstream.
      "--local=/\(network.domain)/",
    ]
    arguments += network.subnet.reverseZones.map { "--local=/\($0)/" }
    // An answer from the cache fills no set.
    arguments += domains.isEmpty ? ["--cache-size=1000"] : ["--cache-size=0", "--max-ttl=\(Self.maximumTTL)"] + routes
    guard servesDHCP else {
      // Guests' queries arrive on their own TAPs; the address is on a bridge without ports.
      return arguments + ["--listen-address=\(network.subnet.gateway)"]
    }
    return arguments + ["--interface=\(network.bridge)"] + dhcpArguments(place) + routerArguments
  }

  private func dhcpArguments(_ place: NamePlace) -> [String] {
    var arguments = [
      // Only known guests get an address, and only their own. Leases have dnsmasq's minimum lifetime, so the former holder
      // of a reassigned address is soon forgotten.
      "--dhcp-range=\(network.subnet.networkAddress),static,\(network.subnet.subnetMask),2m",
      "--dhcp-hostsdir=\(place.leases(of: network.name))", "--dhcp-authoritative", "--leasefile-ro",
      "--dhcp-lease-max=2048", "--no-ping",
      // A guest is identified by its MAC, which the bridge's guard has checked. Its client id and host name are ignored.
      "--dhcp-ignore-clid", "--dhcp-ignore-names", "--quiet-dhcp", "--domain=\(network.domain)",
      "--dhcp-option=option:mtu,\(network.mtu)",
    ]
    if !network.settings.dns.isEmpty {
      let servers = network.settings.dns.map(\.description).joined(separator: ",")
      arguments.append("--dhcp-option=option:dns-server,\(servers)")
    }
    return arguments
  }

  /// Router advertisements (RFC 4861), from the gateway's link-local address, the bridge's only one. Guests configure their
  /// addresses themselves; DHCPv6 assigns none.
  private var routerArguments: [String] {
    guard advertisesRouter, let prefix = network.subnet6 else { return [] }
    // Lifetimes are infinite, because the prefix belongs to the network as long as it exists. Only this prefix is
    // advertised, even if somebody adds others to the bridge: guests could not use them.
    let range = [
      "\(prefix.address)", "ra-only", network.guestPrefixLength6 == 64 ? nil : "off-link", "\(prefix.prefixLength)",
    ]
    return [
      "--dhcp-range=\(range.compactMap { $0 }.joined(separator: ","))",
      // Sent every ten minutes, and on solicitation. The router lifetime is the longest possible (4.2), because the route
      // works without dnsmasq.
      "--ra-param=\(network.bridge),mtu:\(network.mtu),600,9000", "--quiet-ra",
      // dnsmasq does not answer over IPv6, so it must not advertise itself as an IPv6 DNS server.
      "--dhcp-option=option6:dns-server",
    ]
  }

  /// What dnsmasq is told of a guest.
  static func records(of guest: Desired.Guest) -> NameRecords? {
    guard let service = NameService(guest.network) else { return nil }
    let address = guest.lease.address
    return NameRecords(
      address: address, host: guest.network.domainName(ofVM: guest.lease.key.vm).map { "\(address) \($0)" },
      lease: service.servesDHCP ? "\(guest.mac),\(address)" : nil)
  }
}

/// What a network's dnsmasq is told of one guest.
struct NameRecords: Hashable, Sendable {
  var address: IPv4Address
  /// A line in the format of hosts(5).
  var host: String?
  /// A line in the format of `--dhcp-host`.
  var lease: String?
}

/// The user and group that dnsmasq becomes when it gives up root. Only they may read its files.
struct NameAccount: Hashable, Sendable {
  /// A user's name; nil for dnsmasq's default.
  var user: String?
  /// A group's name; nil to keep the present group.
  var group: String?
  /// The same group's id, which owns the files; nil if the files belong to the user who starts it.
  var groupID: UInt32?

  var arguments: [String] { [user.map { "--user=\($0)" }, group.map { "--group=\($0)" }].compactMap(\.self) }

  /// - Parameters:
  ///   - users: passwd(5).
  ///   - groups: group(5).
  init(users: String, groups: String) {
    let users = Self.entries(users).filter { $0.count >= 4 }
    let groups = Self.entries(groups).filter { $0.count >= 3 }
    // dnsmasq's own user, if its package made one: a VMM or another service may also run as `nobody`.
    let user = ["dnsmasq", "nobody"].lazy.compactMap { name in users.first { $0[0] == name } }.first
    // dnsmasq's own group, or the user's. dnsmasq's default would be `dip`, which has people in it.
    let group =
      groups.first { $0[0] == "dnsmasq" }
      ?? user.flatMap { user in groups.first { $0[2] == user[3] } }
      ?? groups.first { ["nogroup", "nobody"].contains($0[0]) }
    self.user = user.map { String($0[0]) }
    self.group = group.map { String($0[0]) }
    groupID = group.flatMap { UInt32($0[2]) } ?? 0
  }

  /// For a process that is not root: its children keep its user and group.
  init() {}

  private static func entries(_ text: String) -> [[Substring]] {
    text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
  }
}

/// The directory of all networks' dnsmasq files, beside the state file.
struct NamePlace: Hashable, Sendable {
  /// An absolute path.
  var directory: String
  var account = NameAccount()

  func directory(of network: Identifier) -> String { "\(directory)/\(Self.prefix)\(network)" }
  func hosts(of network: Identifier) -> String { directory(of: network) + "/hosts" }
  func leases(of network: Identifier) -> String { directory(of: network) + "/leases" }
  func processFile(of network: Identifier, _ role: NameServerRole) -> String {
    directory(of: network) + "/\(role.rawValue)"
  }

  /// The argument that identifies a process as this network's.
  func mark(of network: Identifier, _ role: NameServerRole = .server) -> String {
    "--pid-file=\(processFile(of: network, role))"
  }

  /// The network and role of a dnsmasq with these arguments. Returns nil if it does not belong to this directory.
  func owner(of arguments: [String]) -> (network: Identifier, role: NameServerRole)? {
    let start = "--pid-file=\(directory)/"
    for argument in arguments where argument.hasPrefix(start) {
      let path = argument.dropFirst(start.count)
      guard let slash = path.lastIndex(of: "/"),
        let role = NameServerRole(rawValue: String(path[slash...].dropFirst())),
        let network = network(ofDirectory: String(path[..<slash]))
      else { return nil }
      return (network, role)
    }
    return nil
  }

  /// The network that a directory belongs to. Returns nil for other directories. (An id may be `..`.)
  func network(ofDirectory name: String) -> Identifier? {
    name.hasPrefix(Self.prefix) ? Identifier(text: String(name.dropFirst(Self.prefix.count))) : nil
  }

  private static let prefix = "network-"
}

extension IPv4Subnet {
  /// The domains for reverse lookups of its addresses (RFC 1035, 3.5): one for each prefix of whole octets in the subnet,
  /// so that they cover exactly its addresses.
  var reverseZones: [String] {
    let octets = (prefixLength + 7) / 8
    let free = octets * 8 - prefixLength
    let first = networkAddress.rawValue >> UInt32(32 - octets * 8)
    return (0..<(UInt32(1) << UInt32(free))).map { step in
      let labels = (0..<octets).map { "\((first + step) >> UInt32(8 * $0) & 0xff)" }
      return labels.joined(separator: ".") + ".in-addr.arpa"
    }
  }
}
