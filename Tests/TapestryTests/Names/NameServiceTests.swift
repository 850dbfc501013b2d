import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("dnsmasq as it should be")
struct NameServiceTests {
  private static let place = NamePlace(directory: "/var/lib/tapestry/state.db.d")

  /// For which all three processes are needed.
  private static let domains = Set(["b.example", "*.a.example"].compactMap { try? DomainPattern(parsing: $0) })

  private static func network(
    _ mode: Network.Mode = .bridge, _ subnet: String = "172.30.0.0/24", upstreams: [IPv4Address] = [],
    dns: [IPv4Address] = []
  ) throws -> Network {
    Network(
      name: Identifier(known: "blue"), mode: mode, subnet: try IPv4Subnet(parsing: subnet),
      bridge: Network.defaultBridge, mtu: 1400,
      settings: NetworkSettings(allowsInterVM: true, dns: dns, nameServer: NameServer(upstreams: upstreams)))
  }

  @Test("listens on the network's own bridge and answers DHCP there; elsewhere at its gateway's address alone")
  func listening() throws {
    let bridge = try #require(NameService(try Self.network())?.arguments(Self.place))
    #expect(bridge.contains("--interface=svbr0") && bridge.contains("--bind-interfaces"))
    #expect(bridge.contains("--except-interface=lo"))
    #expect(bridge.contains("--dhcp-range=172.30.0.0,static,255.255.255.0,2m"))
    #expect(bridge.contains("--dhcp-option=option:mtu,1400"))
    for mode in [Network.Mode.routed, .clone] {
      let routed = try #require(NameService(try Self.network(mode))?.arguments(Self.place))
      #expect(routed.contains("--listen-address=172.30.0.1") && !routed.contains { $0.contains("dhcp") }, "\(mode)")
      #expect(!routed.contains { $0.hasPrefix("--interface") }, "\(mode)")
    }
  }

  @Test("becomes a user of its own, and shares its files with a group that is nobody else's")
  func account() throws {
    let debian = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:\n"
    let own = "dnsmasq:x:999:65534:dnsmasq:/var/lib/misc:/usr/sbin/nologin\n"
    let groups = "root:x:0:\ndip:x:30:me\nnogroup:x:65534:\n"
    let cases: [(String, String, [String], UInt32?)] = [
      (debian + own, groups, ["--user=dnsmasq", "--group=nogroup"], 65534),
      (debian, groups, ["--user=nobody", "--group=nogroup"], 65534),
      // Where its package makes a group too.
      (debian + "dnsmasq:x:997:996::/:\n", groups + "dnsmasq:x:996:\n", ["--user=dnsmasq", "--group=dnsmasq"], 996),
      ("root:x:0:0:::\nnobody:x:99:99::/:\n", "root:x:0:\nnobody:x:99:\n", ["--user=nobody", "--group=nobody"], 99),
      (debian, "dip:x:30:me\nnobody:x:99:\n", ["--user=nobody", "--group=nobody"], 99),
      ("dnsmasqx:x:1:1::/:\nnobody\n", "", [], 0),
    ]
    for (users, groups, arguments, id) in cases {
      let account = NameAccount(users: users, groups: groups)
      #expect(account.arguments == arguments && account.groupID == id, "\(users) \(groups)")
      var place = Self.place
      place.account = account
      let service = try #require(NameService(try Self.network(), domains: Self.domains))
      for role in NameServerRole.allCases {
        let all = try #require(service.arguments(of: role, place))
        #expect(all.filter { $0.hasPrefix("--user=") || $0.hasPrefix("--group=") } == arguments)
      }
    }
    #expect(NameAccount().arguments == [] && NameAccount().groupID == nil)
  }

  @Test(
    "keeps more questions and connections than a guest may have, listens where root alone may, and believes no client id"
  )
  func limits() throws {
    let service = try #require(NameService(try Self.network(), domains: Self.domains))
    for role in NameServerRole.allCases {
      let arguments = try #require(service.arguments(of: role, Self.place))
      #expect(arguments.contains("--dns-forward-max=5000") && arguments.contains("--max-tcp-connections=400"))
      #expect(role.port < 512)
      #expect(arguments.contains("--dhcp-ignore-clid") == (role == .server))
    }
  }

  @Test("tells guests on a bridge of their router where they have IPv6, and nobody else")
  func router() throws {
    func arguments(_ mode: Network.Mode = .bridge, _ subnet6: String? = "fd00:5::/64", interVM: Bool = false) throws
      -> [String]
    {
      var network = try Self.network(mode)
      network.subnet6 = try subnet6.map(IPv6Prefix.init(parsing:))
      network.settings.allowsInterVM = interVM
      return try #require(NameService(network)?.arguments(Self.place)).filter {
        $0.contains("ra-") || $0.contains("fd00:") || $0.contains("6:")
      }
    }
    let rest = ["--ra-param=svbr0,mtu:1400,600,9000", "--dhcp-option=option6:dns-server"]
    #expect(try arguments() == ["--dhcp-range=fd00:5::,ra-only,off-link,64"] + rest)
    // On one wire with the others, a guest asks there where they are.
    #expect(try arguments(interVM: true) == ["--dhcp-range=fd00:5::,ra-only,64"] + rest)
    #expect(try arguments(.bridge, nil) == [])
    #expect(try arguments(.routed) == [])
  }

  @Test("asks whom it is told to, and nobody about the network's own names and addresses")
  func upstreams() throws {
    let host = try #require(NameService(try Self.network())?.arguments(Self.place))
    #expect(!host.contains("--no-resolv") && !host.contains { $0.hasPrefix("--server") })
    let own = try #require(
      NameService(try Self.network(upstreams: [IPv4Address(198, 51, 100, 53)], dns: [IPv4Address(192, 0, 2, 53)])))
    let arguments = try #require(own.arguments(Self.place))
    #expect(arguments.contains("--no-resolv") && arguments.contains("--server=198.51.100.53"))
    #expect(arguments.contains("--local=/blue.internal/") && arguments.contains("--local=/0.30.172.in-addr.arpa/"))
    #expect(arguments.contains("--dhcp-option=option:dns-server,192.0.2.53"))
  }

  @Test("is told of a guest its name and its address")
  func records() throws {
    var network = try Self.network()
    let lease = Lease(
      key: AttachmentKey(vm: Identifier(known: "web-1"), interface: Identifier(known: "eth0")), network: network.name,
      address: IPv4Address(172, 30, 0, 2), mac: MACAddress(2, 0, 0, 0, 0, 2), tapName: InterfaceName(known: "tap0"))
    let records = try #require(NameService.records(of: .init(network: network, lease: lease)))
    #expect(records.host == "172.30.0.2 web-1.blue.internal" && records.lease == "02:00:00:00:00:02,172.30.0.2")
    network.settings.allowsInterVM = false
    #expect(NameService.records(of: .init(network: network, lease: lease))?.host == nil)
    network.mode = .routed
    #expect(NameService.records(of: .init(network: network, lease: lease))?.lease == nil)
    network.settings.nameServer = nil
    #expect(NameService.records(of: .init(network: network, lease: lease)) == nil)
  }

  @Test(
    "keeps to itself the addresses of its subnet, and no others",
    arguments: [
      ("172.30.0.0/24", ["0.30.172.in-addr.arpa"]), ("10.0.0.0/8", ["10.in-addr.arpa"]),
      ("172.30.0.0/16", ["30.172.in-addr.arpa"]),
      ("172.30.4.0/23", ["4.30.172.in-addr.arpa", "5.30.172.in-addr.arpa"]),
      (
        "172.30.0.4/30",
        ["4.0.30.172.in-addr.arpa", "5.0.30.172.in-addr.arpa", "6.0.30.172.in-addr.arpa", "7.0.30.172.in-addr.arpa"]
      ),
    ])
  func reverse(subnet: String, zones: [String]) throws {
    #expect(try IPv4Subnet(parsing: subnet).reverseZones == zones)
  }

  @Test("is known by its command line, whatever the network is called", arguments: ["blue", "..", ".", "a:b", "pid"])
  func identity(name: String) throws {
    let id = try Identifier(parsing: name, field: "network name")
    for role in NameServerRole.allCases {
      let owner = Self.place.owner(of: ["dnsmasq", "--conf-file=/dev/null", Self.place.mark(of: id, role)])
      #expect(owner?.network == id && owner?.role == role)
    }
    #expect(Self.place.owner(of: ["dnsmasq", "--pid-file=/run/dnsmasq.pid"]) == nil)
    #expect(NamePlace(directory: "/other.d").owner(of: [Self.place.mark(of: id)]) == nil)
    let path = Self.place.directory(of: id)
    #expect(path.hasPrefix("/var/lib/tapestry/state.db.d/network-") && !path.contains("/../"))
  }

  @Test("is started, told and ended by a plan, after what it depends on")
  func plan() throws {
    let network = try Self.network()
    let lease = Lease(
      key: AttachmentKey(vm: Identifier(known: "web-1"), interface: Identifier(known: "eth0")), network: network.name,
      address: IPv4Address(172, 30, 0, 2), mac: MACAddress(2, 0, 0, 0, 0, 2), tapName: InterfaceName(known: "tap0"),
      state: .active)
    let guest = Desired.Guest(network: network, lease: lease)
    let service = try #require(NameService(network))
    var observed = Observed()
    observed.names.place = Self.place
    let steps = Plan.difference(Desired(networks: [network], guests: [guest]), observed).steps
    let started = try #require(steps.firstIndex(of: .startNameServer(service)))
    for earlier in [Step.addGateway(network), .createTap(guest), .setNames(guest)] {
      #expect(try #require(steps.firstIndex(of: earlier)) < started, "\(earlier)")
    }

    observed.links["svbr0"] = ObservedLink(
      index: 7, name: "svbr0", kind: "bridge", mark: network.mark, mtu: 1400, isUp: true)
    let process = ObservedNames.Process(
      identity: ProcessIdentity(pid: 99, startTime: 1), arguments: try #require(service.arguments(Self.place)),
      isHere: true)
    var right = ObservedNames.Service(processes: [process])
    right.hosts["172.30.0.2"] = "172.30.0.2 web-1.blue.internal"
    right.leases["172.30.0.2"] = "02:00:00:00:00:02,172.30.0.2"
    func names(_ present: ObservedNames.Service, networks: [Network] = [network]) -> [String] {
      observed.names.services = [network.name: present]
      let guests = networks.isEmpty ? [] : [guest]
      let plan = Plan.difference(Desired(networks: networks, guests: guests), observed)
      return plan.items.filter { $0.drift.contains("dnsmasq") }.map(\.drift)
    }
    #expect(names(right) == [])
    var wrong = right
    wrong.processes[0].arguments.append("--log-queries")
    #expect(names(wrong) == ["dnsmasq of network blue runs with another configuration"])
    wrong = right
    wrong.processes[0].isHere = false
    #expect(names(wrong) == ["dnsmasq of network blue runs in another network namespace"])
    wrong = right
    wrong.hosts["172.30.0.9"] = "172.30.0.9 gone.blue.internal"
    wrong.leases["172.30.0.2"] = nil
    #expect(
      names(wrong) == [
        "dnsmasq of network blue does not know web-1/eth0", "dnsmasq of network blue still knows 172.30.0.9",
      ])
    #expect(names(right, networks: []) == ["dnsmasq of network blue is not needed"])
    observed.links = [:]
    #expect(
      names(right) == [
        "dnsmasq of network blue is bound to a deleted bridge", "dnsmasq of network blue has to bind to the new bridge",
      ])
  }
}
