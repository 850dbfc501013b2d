import Linux
import NetTypes

/// A network's dnsmasq as it should be. Its whole configuration is its command line, so that what runs tells what it was
/// started with; what changes with every guest is in two directories that it watches.
struct NameService: Hashable, Sendable {
  var network: Network
  /// Those that policies of the network and of its guests allow.
  var domains: Set<DomainPattern>

  /// nil for a network that has none.
  init?(_ network: Network, domains: Set<DomainPattern> = []) {
    guard network.nameServer != nil else { return nil }
    self.network = network
    self.domains = domains
  }

  /// Guests ask for their addresses by DHCP where they are on one wire with the bridge.
  var servesDHCP: Bool { Self.servesDHCP(in: network.mode) }

  static func servesDHCP(in mode: Network.Mode) -> Bool { mode == .bridge }

  /// And it tells them of their router where they have IPv6.
  var advertisesRouter: Bool { servesDHCP && network.subnet6 != nil }

  /// The ports at the gateway's address that it answers on.
  static func ports(in mode: Network.Mode) -> [(number: UInt16, transport: Transport)] {
    [(53, .udp), (53, .tcp)] + (servesDHCP(in: mode) ? [(67, .udp)] : [])
  }

  /// The arguments, without the program's own name; nil for one that is not needed.
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

  /// How many questions it keeps that have no answer yet, and how many TCP connections, a process each. The ruleset lets
  /// a guest ask 100 times a second, 200 at once, and have 4 connections. A question is given up after 10 seconds, so that
  /// one guest has 1,200 at most; dnsmasq's own limits, 150 and 20, one guest or five would use up for all.
  private static let limits = ["--dns-forward-max=5000", "--max-tcp-connections=400"]

  private var upstreams: [String] {
    guard let upstreams = network.nameServer?.upstreams, !upstreams.isEmpty else { return [] }
    return ["--no-resolv"] + upstreams.map { "--server=\($0)" }
  }

  /// What a guest knows of names, in seconds, where what it knows is to be in a set of much longer timeout: the set's
  /// elements do not begin anew with each answer.
  private static let mostTTL = 60

  private func serverArguments(_ place: NamePlace) -> [String] {
    var arguments = [
      "--hostsdir=\(place.hosts(of: network.name))",
      // What the network's own names and addresses are is nobody else's to say.
      "--local=/\(network.domain)/",
    ]
    arguments += network.subnet.reverseZones.map { "--local=/\($0)/" }
    // An answer out of a cache fills no set.
    arguments += domains.isEmpty ? ["--cache-size=1000"] : ["--cache-size=0", "--max-ttl=\(Self.mostTTL)"] + routes
    guard servesDHCP else {
      // What guests ask comes in by their own TAPs; the address is on a bridge without ports.
      return arguments + ["--listen-address=\(network.subnet.gateway)"]
    }
    return arguments + ["--interface=\(network.bridge)"] + dhcpArguments(place) + routerArguments
  }

  private func dhcpArguments(_ place: NamePlace) -> [String] {
    var arguments = [
      // Only guests that are known get an address, the one that is theirs; for as short as dnsmasq will have it, so that
      // an address which has a new holder is soon forgotten to have had another.
      "--dhcp-range=\(network.subnet.networkAddress),static,\(network.subnet.subnetMask),2m",
      "--dhcp-hostsdir=\(place.leases(of: network.name))", "--dhcp-authoritative", "--leasefile-ro",
      "--dhcp-lease-max=2048", "--no-ping",
      // A guest is its MAC, which the bridge's guard has seen to; what it calls itself is not believed.
      "--dhcp-ignore-clid", "--dhcp-ignore-names", "--quiet-dhcp", "--domain=\(network.domain)",
      "--dhcp-option=option:mtu,\(network.mtu)",
    ]
    if !network.dns.isEmpty {
      let servers = network.dns.map(\.description).joined(separator: ",")
      arguments.append("--dhcp-option=option:dns-server,\(servers)")
    }
    return arguments
  }

  /// Router advertisements (RFC 4861), from the gateway's link-local address, the bridge's only one: guests make their
  /// addresses themselves, and none is given out by DHCPv6.
  private var routerArguments: [String] {
    guard advertisesRouter, let prefix = network.subnet6 else { return [] }
    // Addresses are valid for ever, as the prefix is the network's for as long as it is there. This prefix alone, whatever
    // else somebody puts on the bridge: guests could not use it.
    let range = [
      "\(prefix.address)", "ra-only", network.guestPrefixLength6 == 64 ? nil : "off-link", "\(prefix.prefixLength)",
    ]
    return [
      "--dhcp-range=\(range.compactMap { $0 }.joined(separator: ","))",
      // Every ten minutes, beside those asked for; and the way stays in use for the longest that there is (4.2), for it
      // leads on when dnsmasq does not run.
      "--ra-param=\(network.bridge),mtu:\(network.mtu),600,9000", "--quiet-ra",
      // It answers nobody by IPv6, which it would otherwise say that it does.
      "--dhcp-option=option6:dns-server",
    ]
  }

  /// What it is told of a guest: files by the names of their directories.
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
  /// A line as in hosts(5).
  var host: String?
  /// A line as `--dhcp-host` takes it.
  var lease: String?
}

/// Whom a dnsmasq becomes when it gives up root: somebody whom its files are let be read by, and nobody else.
struct NameAccount: Hashable, Sendable {
  /// A user's name; nil for dnsmasq's own choice.
  var user: String?
  /// A group's name; nil for the one that it has.
  var group: String?
  /// The same group as a number, whose the files are; nil where they are the user's who starts it.
  var groupID: UInt32?

  var arguments: [String] {
    [user.map { "--user=\($0)" }, group.map { "--group=\($0)" }].compactMap(\.self)
  }

  /// - Parameters:
  ///   - users: passwd(5).
  ///   - groups: group(5).
  init(users: String, groups: String) {
    let users = Self.entries(users).filter { $0.count >= 4 }
    let groups = Self.entries(groups).filter { $0.count >= 3 }
    // Its own user, where its package has made one: a VMM, or another service, may be `nobody` as well.
    let user = ["dnsmasq", "nobody"].lazy.compactMap { name in users.first { $0[0] == name } }.first
    // Its own group, or the user's. dnsmasq itself would take `dip`, in which people are.
    let group =
      groups.first { $0[0] == "dnsmasq" }
      ?? user.flatMap { user in groups.first { $0[2] == user[3] } }
      ?? groups.first { ["nogroup", "nobody"].contains($0[0]) }
    self.user = user.map { String($0[0]) }
    self.group = group.map { String($0[0]) }
    groupID = group.flatMap { UInt32($0[2]) } ?? 0
  }

  /// Of a process that is not root: what it starts stays what it is.
  init() {}

  private static func entries(_ text: String) -> [[Substring]] {
    text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
  }
}

/// Where the files of all networks' dnsmasqs are: beside the state file.
struct NamePlace: Hashable, Sendable {
  /// Absolute.
  var directory: String
  var account = NameAccount()

  func directory(of network: Identifier) -> String { "\(directory)/\(Self.prefix)\(network)" }
  func hosts(of network: Identifier) -> String { directory(of: network) + "/hosts" }
  func leases(of network: Identifier) -> String { directory(of: network) + "/leases" }
  func processFile(of network: Identifier, _ role: NameServerRole) -> String {
    directory(of: network) + "/\(role.rawValue)"
  }

  /// The argument by which a process is known for this network's.
  func mark(of network: Identifier, _ role: NameServerRole = .server) -> String {
    "--pid-file=\(processFile(of: network, role))"
  }

  /// The network whose dnsmasq has these arguments, and which of them it is; nil where it is none of this place's.
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

  /// The network that a directory is of; nil for others. (An id may be `..`.)
  func network(ofDirectory name: String) -> Identifier? {
    name.hasPrefix(Self.prefix) ? Identifier(text: String(name.dropFirst(Self.prefix.count))) : nil
  }

  private static let prefix = "network-"
}

extension IPv4Subnet {
  /// The domains in which names for its addresses are looked up (RFC 1035, 3.5): one for each whole octet of a prefix
  /// that covers it, and no address of others.
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
