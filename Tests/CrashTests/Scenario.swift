import TestKit

/// A command that faults are given to, and the state it is run in.
struct Scenario: Sendable, CustomStringConvertible {
  var name: String
  /// A shell script that prepares the state; `tapestry` is the program.
  var setup = ""
  var arguments: [String]
  /// Whether the guest `calm`, attached beforehand, must be left alone by the command.
  var hasBystander = true
  /// Whether the state it is run in is sound: `repair` after a fault may then find that the command has done nothing.
  var isSoundBefore = true
  /// Whether a command that fails halfway takes back what it began. One that takes things down, or mends, rather says
  /// that it has left something, and goes on where it stopped when it is run again.
  var takesBack = false
  /// Scripts, each run after `setup`, to the other states that `repair` after a fault may end in.
  var otherEnds: [String] = []
  /// What `repair` may answer after a fault, and the same command then has to do.
  var codesOfRepair: Set<String> = []
  /// Whether it starts a VMM, which lives on when it is killed, and takes down in the end what it has made.
  var startsVMM = false
  /// Whether it starts a program, or there is one, that lives on: faults are given to the command alone.
  var startsProgram = false
  /// A shell script that waits for what goes on after a fault.
  var settling = ""
  /// A shell script for what no command puts back.
  var afterwards = ""
  /// What the same command may answer when the first one had all but ended.
  var codesAgain: Set<String> = []

  var description: String { name }

  /// Whether faults are given to what the command starts too.
  var isFollowed: Bool { !startsVMM && !startsProgram }

  /// Whether an attachment may be left whose process has ended: that is nothing to repair, and for `gc`.
  var mayLeaveEnded: Bool { startsVMM || arguments == ["gc"] }

  /// The whole of the preparation.
  var preparation: String { hasBystander ? Bystander.setup + setup : setup }
}

extension Scenario {
  static let all = [
    firstAttach, attach, attachWithPolicy, detach, detachAll, createNetwork, createBesideFirewalls, removeNetwork,
    repairLinks, repairRuleset, repairLost, garbage, run, cleanup, cleanupNetwork, setPolicy, setNetworkPolicy,
    addToPolicy, removeFromNetworkPolicy, setRateLimit, label, publish, unpublish, createNameServer, attachByName,
    detachByName, removeNameServer, repairNameServer,
    attachWithDomains, detachWithDomains, setDomains,
    createNetwork6, attach6, removeNetwork6, attachWithLabels, detachWithLabels, relabel,
  ]

  /// The one that the environment names; where a sample is tried, half of them.
  static let chosen: [Scenario] = {
    if let name = Settings.scenario { return all.filter { $0.name == name } }
    guard !Settings.triesAll else { return all }
    var generator = SeededGenerator(seed: Settings.seed)
    return Array(all.shuffled(using: &generator).prefix(all.count / 2))
  }()

  /// It makes the network `default` on its way.
  static let firstAttach = Scenario(
    name: "attach, the very first", arguments: ["attach", "web-1"], hasBystander: false, takesBack: true,
    otherEnds: ["tapestry attach web-1; tapestry detach web-1"])

  /// The fast path, which asks the kernel nothing.
  static let attach = Scenario(
    name: "attach, its network up", arguments: ["attach", "web-1", "--owner", "1234:1234", "--pid", "1"],
    takesBack: true)

  /// With all that an attachment can be given.
  static let attachWithPolicy = Scenario(
    name: "attach, with a policy",
    arguments: [
      "attach", "web-1", "--egress", "none", "--allow", "203.0.113.0/24:443/tcp", "--deny", "203.0.113.7", "--publish",
      "8080-8082:80", "--publish", "127.0.0.9:53:53/udp", "--rate-limit", "tx=100mbit,rx=50mbit,tx-packets=10000",
      "--max-connections", "300",
    ], takesBack: true)

  static let detach = Scenario(
    name: "detach, two interfaces",
    setup: """
      tapestry attach web-1
      tapestry attach web-1 --interface eth1
      """, arguments: ["detach", "web-1"], codesAgain: ["ATTACHMENT_NOT_FOUND"])

  /// Two guests, one of whose policies allows the other's label, and one that has that of the third's.
  private static let labelled = """
    tapestry attach db --label tier=db
    tapestry attach caller --allow-label tier=web

    """

  static let attachWithLabels = Scenario(
    name: "attach, with labels that are allowed", setup: labelled,
    arguments: ["attach", "web-1", "--label", "tier=web", "--allow-label", "tier=db"], takesBack: true)

  static let detachWithLabels = Scenario(
    name: "detach, with labels that are allowed",
    setup: labelled + "tapestry attach web-1 --label tier=web --allow-label tier=db\n",
    arguments: ["detach", "web-1"], codesAgain: ["ATTACHMENT_NOT_FOUND"])

  static let relabel = Scenario(
    name: "label, that a policy allows", setup: labelled + "tapestry attach web-1 --label tier=web\n",
    arguments: ["label", "web-1", "tier=db"])

  /// Several links go at once.
  static let detachAll = Scenario(
    name: "detach --all",
    setup: """
      tapestry network create blue --subnet 172.31.0.0/24
      for vm in azure navy teal; do tapestry attach $vm --network blue; done
      """, arguments: ["detach", "--all", "--network", "blue"])

  static let createNetwork = Scenario(
    name: "network create",
    arguments: ["network", "create", "blue", "--subnet", "172.31.0.0/24", "--dns", "192.0.2.53"], takesBack: true,
    codesAgain: ["NETWORK_EXISTS"])

  /// Others' firewalls, one of nf_tables and one that nf_tables does not know, drop what is forwarded.
  static let createBesideFirewalls = Scenario(
    name: "network create beside firewalls",
    setup: """
      iptables-nft -P FORWARD DROP
      iptables-legacy -P FORWARD DROP
      tapestry repair
      """, arguments: ["network", "create", "blue", "--subnet", "172.31.0.0/24"], takesBack: true,
    afterwards: "iptables-legacy -P FORWARD ACCEPT; nft delete table ip filter", codesAgain: ["NETWORK_EXISTS"])

  static let removeNetwork = Scenario(
    name: "network rm", setup: "tapestry network create blue --subnet 172.31.0.0/24",
    arguments: ["network", "rm", "blue"], codesAgain: ["NETWORK_NOT_FOUND"])

  // MARK: IPv6

  /// Sysctls change, one of each link that believes its routers.
  static let createNetwork6 = Scenario(
    name: "network create with IPv6",
    arguments: ["network", "create", "blue", "--subnet", "172.31.0.0/24", "--subnet6", "fd00::/64"], takesBack: true,
    codesAgain: ["NETWORK_EXISTS"])

  static let attach6 = Scenario(
    name: "attach, with IPv6",
    setup: "tapestry network create blue --mode routed --subnet 172.31.0.0/24 --subnet6 fd00::/64",
    arguments: ["attach", "web-1", "--network", "blue", "--egress", "none", "--allow", "[2001:db8::/32]:443/tcp"],
    takesBack: true)

  /// The last with IPv6, though not the last.
  static let removeNetwork6 = Scenario(
    name: "network rm with IPv6", setup: "tapestry network create blue --subnet 172.31.0.0/24 --subnet6 fd00::/64",
    arguments: ["network", "rm", "blue"], codesAgain: ["NETWORK_NOT_FOUND"])

  /// A guest of each kind of drift beside the healthy one.
  private static let drifting = """
    tapestry network create blue --subnet 172.31.0.0/24
    tapestry attach down
    tapestry attach lost
    tapestry attach stray
    tapestry attach mute --ip 172.30.0.99 --mac 02:00:00:00:00:99
    tapestry attach azure --network blue
    tapestry attach leaving
    """

  static let repairLinks = Scenario(
    name: "repair, of links and elements",
    setup: drifting + """

      ip link set svdowneth0 down
      ip link delete svlosteth0
      ip link set svstraeth0 nomaster
      nft delete element bridge tapestry macs '{ "svmuteeth0" . 02:00:00:00:00:99 }'
      nft delete element bridge tapestry guests '{ "svmuteeth0" . 02:00:00:00:00:99 . 172.30.0.99 }'
      ip link delete svbr1
      echo 0 > /proc/sys/net/ipv4/ip_forward
      ip tuntap add ghost mode tap
      ip link set ghost address 02:00:00:00:00:aa alias tapestry:default/ghost/eth0
      ip link set ghost master svbr0 up
      sqlite3 "$STATE" "UPDATE lease SET state = 'releasing' WHERE vm = 'leaving'"
      """, arguments: ["repair"], isSoundBefore: false)

  static let repairRuleset = Scenario(
    name: "repair, of the tables",
    setup: drifting + """

      nft delete table inet tapestry
      nft flush chain bridge tapestry from_guest
      ip address flush dev svbr1
      ip link set svbr1 down
      sqlite3 "$STATE" "UPDATE lease SET state = 'pending' WHERE vm = 'leaving'"
      """, arguments: ["repair"], isSoundBefore: false)

  /// The state file lost, with guests on the host.
  static let repairLost = Scenario(
    name: "repair --adopt",
    setup: """
      tapestry network create blue --subnet 172.31.0.0/24
      tapestry attach azure --network blue
      rm "$STATE"*
      """, arguments: ["repair", "--adopt"], isSoundBefore: false, codesOfRepair: ["STATE_MISMATCH"],
    // What it was before the first network was written in the file.
    afterwards: "echo 0 > /proc/sys/net/ipv4/ip_forward")

  /// A lease whose process has ended, and a TAP that no lease knows.
  static let garbage = Scenario(
    name: "gc",
    setup: """
      sleep 1000 &
      tapestry attach ended --pid $!
      kill $!
      wait $! || true
      ip tuntap add ghost mode tap
      ip link set ghost address 02:00:00:00:00:aa alias tapestry:default/ghost/eth0
      ip link set ghost master svbr0 up
      """, arguments: ["gc"], isSoundBefore: false)

  static let run = Scenario(
    name: "run", arguments: ["run", "web-1", "--", "sleep", "0.05"], startsVMM: true,
    settling: "while pgrep --ns $$ --nslist net -x sleep >/dev/null; do sleep 0.01; done")

  private static let twoNetworks = """
    tapestry network create blue --subnet 172.31.0.0/24
    tapestry attach web-1
    tapestry attach azure --network blue
    """

  static let cleanup = Scenario(
    name: "cleanup", setup: twoNetworks, arguments: ["cleanup"], hasBystander: false,
    otherEnds: [
      "tapestry detach --all",
      "tapestry detach --all; tapestry network rm blue",
      "tapestry detach --all; tapestry network rm default",
    ])

  static let cleanupNetwork = Scenario(
    name: "cleanup of one network", setup: twoNetworks, arguments: ["cleanup", "--network", "blue"],
    otherEnds: ["tapestry detach azure"], codesAgain: ["NETWORK_NOT_FOUND"])

  // MARK: Policies

  private static let restricted = """
    tapestry attach web-1 --egress internet --allow 10.0.0.0/8:443/tcp --publish 8080:80 --rate-limit tx=10mbit
    """

  static let setPolicy = Scenario(
    name: "policy set", setup: restricted,
    arguments: ["policy", "set", "web-1", "--egress", "none", "--allow", "10.0.0.0/9", "--deny", "10.1.0.0/16:25/tcp"])

  static let setNetworkPolicy = Scenario(
    name: "policy set --network", setup: restricted,
    arguments: [
      "policy", "set", "--network", "default", "--egress", "internet", "--deny", "203.0.113.0/24", "--host-access",
      "icmp,8080/tcp",
    ])

  /// Of two interfaces, which have it both or neither.
  static let addToPolicy = Scenario(
    name: "policy add", setup: restricted + "\ntapestry attach web-1 --interface eth1",
    arguments: ["policy", "add", "web-1", "--allow", "10.1.0.0/16:25/tcp", "--deny", "203.0.113.0/24"])

  static let removeFromNetworkPolicy = Scenario(
    name: "policy remove --network",
    setup: restricted + "\ntapestry policy set --network default --deny 203.0.113.0/24 --host-access icmp,8080/tcp",
    arguments: ["policy", "remove", "--network", "default", "--deny", "203.0.113.0/24", "--host-access", "8080/tcp"])

  static let setRateLimit = Scenario(
    name: "policy set --rate-limit", setup: restricted,
    arguments: ["policy", "set", "web-1", "--rate-limit", "tx=20mbit,rx=20mbit", "--max-connections", "500"])

  static let label = Scenario(
    name: "label", setup: restricted, arguments: ["label", "web-1", "tier=web", "release=4711"])

  static let publish = Scenario(
    name: "publish", setup: restricted, arguments: ["publish", "web-1", "9000-9002:90", "127.0.0.9:53:53/udp"],
    takesBack: true)

  static let unpublish = Scenario(
    name: "unpublish", setup: restricted + "\ntapestry publish web-1 9000:90",
    arguments: ["unpublish", "web-1", "8080:80"], codesAgain: ["PORT_NOT_FOUND"])

  // MARK: Name servers

  private static let named = "tapestry network create blue --subnet 172.31.0.0/24 --allow-inter-vm --dns-server\n"

  /// A name server that has begun goes into the background by itself, to a session of its own, once it answers.
  private static let backgrounding =
    "while pgrep --ns $$ --nslist net --session 0 'dnsmasq|tapestry' >/dev/null; do sleep 0.01; done"

  static let createNameServer = Scenario(
    name: "network create --dns-server",
    arguments: ["network", "create", "blue", "--subnet", "172.31.0.0/24", "--allow-inter-vm", "--dns-server"],
    takesBack: true, startsProgram: true,
    settling: backgrounding, codesAgain: ["NETWORK_EXISTS"])

  static let attachByName = Scenario(
    name: "attach, where there is a name server", setup: named, arguments: ["attach", "azure", "--network", "blue"],
    takesBack: true, startsProgram: true)

  static let detachByName = Scenario(
    name: "detach, where there is a name server", setup: named + "tapestry attach azure --network blue\n",
    arguments: ["detach", "azure"], startsProgram: true, codesAgain: ["ATTACHMENT_NOT_FOUND"])

  /// Domains that none has yet: the thorough path, and other processes in place of the ones there were.
  static let attachWithDomains = Scenario(
    name: "attach, with domains", setup: named,
    arguments: ["attach", "azure", "--network", "blue", "--egress", "none", "--allow-domain", "example.org"],
    takesBack: true,
    // It may have started those that learn of more than they have to.
    otherEnds: ["tapestry attach azure --network blue --egress none --allow-domain example.org; tapestry detach azure"],
    startsProgram: true, settling: backgrounding)

  static let detachWithDomains = Scenario(
    name: "detach, with domains",
    setup: named + "tapestry attach azure --network blue --egress none --allow-domain '*.example.org'\n",
    arguments: ["detach", "azure"], startsProgram: true, codesAgain: ["ATTACHMENT_NOT_FOUND"])

  static let setDomains = Scenario(
    name: "policy set, with domains",
    setup: named + "tapestry attach azure --network blue --egress none --allow-domain example.org\n",
    arguments: ["policy", "set", "azure", "--allow-domain", "*.example.net"], startsProgram: true,
    settling: backgrounding)

  static let removeNameServer = Scenario(
    name: "network rm, with a name server", setup: named, arguments: ["network", "rm", "blue"], startsProgram: true,
    codesAgain: ["NETWORK_NOT_FOUND"])

  static let repairNameServer = Scenario(
    name: "repair, a name server",
    setup: named + """
      tapestry attach azure --network blue
      kill -9 $(cat "$TAPESTRY_STATE.d/network-blue/pid")
      rm "$TAPESTRY_STATE.d/network-blue/hosts/"*
      """, arguments: ["repair"], isSoundBefore: false, startsProgram: true)
}
