import NetTypes
import TestKit
import Testing

@testable import Xtables

@Suite("Tables of iptables-legacy, beside iptables(8)", .needsKernel)
struct TableTests {
  /// Chains of every kind, extensions, jumps forth and back, gotos, rules without targets, counters.
  private static let rules = """
    *filter
    :INPUT ACCEPT [11:110]
    :FORWARD DROP [22:220]
    :OUTPUT ACCEPT [33:330]
    :ALPHA - [0:0]
    :DOCKER-USER - [0:0]
    :EMPTY - [0:0]
    :OMEGA - [0:0]
    [1:60] -A INPUT -i lo -j ACCEPT
    [2:120] -A INPUT -p tcp -m tcp --dport 22 -m comment --comment "ssh" -j ACCEPT
    [3:180] -A FORWARD -j DOCKER-USER
    [4:240] -A FORWARD -s 10.0.0.0/8 -j OMEGA
    [5:300] -A FORWARD -d 172.30.0.0/24
    [6:360] -A FORWARD -i eth0 -g ALPHA
    [7:420] -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [8:480] -A FORWARD -j REJECT --reject-with icmp-host-prohibited
    [9:540] -A OUTPUT -d 203.0.113.0/24 -j EMPTY
    [10:600] -A OUTPUT -m limit --limit 3/min -j LOG --log-prefix "out: "
    [11:660] -A ALPHA -j OMEGA
    [12:720] -A ALPHA -j RETURN
    [13:780] -A DOCKER-USER -s 198.51.100.7/32
    [14:840] -A DOCKER-USER -j RETURN
    [15:900] -A OMEGA ! -s 10.1.0.0/16 -j DROP
    [16:960] -A OMEGA -j DOCKER-USER
    COMMIT

    """

  private static let acceptances: [XtablesRule.Acceptance] = [
    .init(source: IPv4Prefix("172.30.0.0/24"), comment: "tapestry: network default"),
    .init(destination: IPv4Prefix("172.30.0.0/20"), comment: "of \"quotes\""),
  ]
  private static let words = [
    #"-s 172.30.0.0/24 -m comment --comment "tapestry: network default" -j ACCEPT"#,
    #"-d 172.30.0.0/20 -m comment --comment "of \"quotes\"" -j ACCEPT"#,
  ]

  private func use(_ body: (TestNamespace) async throws -> Void) async throws {
    try await withNamespace { namespace in
      _ = try await namespace.command(arguments: ["iptables-legacy-restore", "-c"], input: Self.rules).checked()
      try await body(namespace)
    }
  }

  /// The table, with its counters, as iptables(8) sees it.
  private func saved(_ namespace: TestNamespace) async throws -> [String] {
    try await namespace.command("iptables-legacy-save", "-c", "-t", "filter").split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") }
  }

  /// Without what the policies have counted, which iptables(8) forgets when it changes the table.
  private func withoutPolicyCounters(_ lines: [String]) -> [String] {
    lines.map { line in line.hasPrefix(":") ? String(line.prefix { $0 != "[" }) : line }
  }

  private func change(
    _ namespace: TestNamespace, _ edit: @escaping @Sendable (inout XtablesTable) -> Void
  ) async throws {
    try await namespace.run { try XtablesSocket().change("filter", edit) }
  }

  @Test("are read and written back byte by byte")
  func roundTrip() async throws {
    try await use { namespace in
      let before = try await saved(namespace)
      let table = try await namespace.run { try XtablesSocket().read("filter") }
      // A change that is none is not made; this one is, and undone in the same breath.
      try await change(namespace) { table in
        table.insert(Self.acceptances[0], atTopOf: "ALPHA")
        table.remove(table.rules(of: "ALPHA")[0])
        table.insert(Self.acceptances[0], atTopOf: "OMEGA")
      }
      try await change(namespace) { table in table.remove(table.rules(of: "OMEGA")[0]) }
      #expect(try await saved(namespace) == before)
      #expect(
        try await namespace.run { try XtablesSocket().read("filter") }.replacement.count == table.replacement.count)
    }
  }

  @Test(
    "take a rule at the top of any chain, which all else survives, and give it back",
    arguments: ["INPUT", "FORWARD", "OUTPUT", "ALPHA", "DOCKER-USER", "EMPTY", "OMEGA"])
  func insert(chain: String) async throws {
    try await use { namespace in
      let before = try await saved(namespace)
      try await change(namespace) { table in
        for acceptance in Self.acceptances.reversed() { table.insert(acceptance, atTopOf: chain) }
      }
      // What iptables(8) makes of the same, in a namespace of its own.
      let expected = try await withNamespace { other in
        _ = try await other.command(arguments: ["iptables-legacy-restore", "-c"], input: Self.rules).checked()
        for acceptance in [
          ["-d", "172.30.0.0/20", "-m", "comment", "--comment", "of \"quotes\""],
          ["-s", "172.30.0.0/24", "-m", "comment", "--comment", "tapestry: network default"],
        ] {
          _ = try await other.command(arguments: ["iptables-legacy", "-I", chain] + acceptance + ["-j", "ACCEPT"])
            .checked()
        }
        return try await saved(other)
      }
      #expect(withoutPolicyCounters(try await saved(namespace)) == withoutPolicyCounters(expected))
      #expect(
        try await namespace.command("iptables-legacy", "-S", chain).split(separator: "\n").dropFirst().prefix(2).map(
          String.init)
          == Self.words.map { "-A \(chain) \($0)" })

      try await change(namespace) { table in
        for rule in table.rules(of: chain) where ["tapestry: network default", "of \"quotes\""].contains(rule.comment) {
          table.remove(rule)
        }
      }
      #expect(try await saved(namespace) == before)
    }
  }

  @Test("lose any one rule, and nothing else")
  func remove() async throws {
    try await use { namespace in
      for (chain, count) in [("FORWARD", 6), ("DOCKER-USER", 2), ("OMEGA", 2), ("OUTPUT", 2)] {
        for place in 0..<count {
          _ = try await namespace.command(arguments: ["iptables-legacy-restore", "-c"], input: Self.rules).checked()
          let line = try await saved(namespace).filter { $0.contains(" -A \(chain) ") }[place]
          var expected = try await saved(namespace)
          expected.removeAll { $0 == line }
          try await change(namespace) { table in table.remove(table.rules(of: chain)[place]) }
          #expect(try await saved(namespace) == expected)
        }
      }
    }
  }

  @Test("say what their rules say")
  func rules() async throws {
    try await use { namespace in
      let table = try await namespace.run { try XtablesSocket().read("filter") }
      let forward = table.rules(of: "FORWARD")
      #expect(
        forward.map(\.target) == [
          .jump("DOCKER-USER"), .jump("OMEGA"), .next, .goto("ALPHA"), .accept, .other("REJECT"),
        ])
      #expect(forward.map(\.isConditional) == [false, false, false, true, true, false])
      #expect(forward[1].source == IPv4Prefix("10.0.0.0/8") && forward[2].destination == IPv4Prefix("172.30.0.0/24"))
      #expect(table.rules(of: "INPUT")[1].comment == "ssh")
      #expect(table.rules(of: "OMEGA").map(\.target) == [.drop, .jump("DOCKER-USER")])
      #expect(table.rules(of: "OMEGA")[0].isConditional)
      #expect(table.rules(of: "ALPHA").last?.target == .return)
      #expect(table.rules(of: "EMPTY").isEmpty && table.hasChain("EMPTY"))
      #expect(table.rules(of: "NONE").isEmpty && !table.hasChain("NONE") && !table.hasChain("ERROR"))
      #expect(table.policy(of: "FORWARD") == .drop && table.policy(of: "INPUT") == .accept)
      #expect(table.policy(of: "ALPHA") == nil && table.policy(of: "PREROUTING") == nil)
    }
  }

  @Test("are only those that are there: asking for them makes none")
  func absent() async throws {
    try await withNamespace { namespace in
      #expect(try await namespace.run { XtablesSocket.tables() } == [])
      try await namespace.command("iptables-legacy", "-t", "nat", "-S")
      #expect(try await namespace.run { XtablesSocket.tables() } == ["nat"])
    }
  }

  @Test("change by two at once: neither undoes what the other does")
  func rivals() async throws {
    try await use { namespace in
      let before = try await saved(namespace)
      async let theirs: Void = {
        for _ in 0..<20 {
          for verb in ["-I", "-D"] {
            try await namespace.command("iptables-legacy", "-w", verb, "FORWARD", "-s", "192.0.2.1", "-j", "DROP")
          }
        }
        try await namespace.command("iptables-legacy", "-w", "-A", "OMEGA", "-s", "192.0.2.2", "-j", "DROP")
      }()
      for _ in 0..<100 {
        try await change(namespace) { $0.insert(Self.acceptances[0], atTopOf: "FORWARD") }
        try await change(namespace) { table in
          for rule in table.rules(of: "FORWARD") where rule.comment == Self.acceptances[0].comment {
            table.remove(rule)
          }
        }
      }
      try await theirs
      var after = withoutPolicyCounters(try await saved(namespace))
      after.removeAll { $0 == "[0:0] -A OMEGA -s 192.0.2.2/32 -j DROP" }
      #expect(after == withoutPolicyCounters(before))
      #expect(try await saved(namespace).count == before.count + 1)
    }
  }

  @Test("of a size that has changed since are read again")
  func stale() async throws {
    try await use { namespace in
      try await namespace.run {
        let socket = try XtablesSocket()
        let first = try socket.read("filter")
        var count = 0
        try socket.change("filter") { table in
          count += 1
          // Somebody who heeds no lock comes in between, once.
          if count == 1, var other = try? XtablesSocket().read("filter") {
            other.insert(Self.acceptances[1], atTopOf: "OMEGA")
            try? socket.replace(other)
          }
          table.insert(Self.acceptances[0], atTopOf: "FORWARD")
        }
        #expect(count == 2)
        let last = try socket.read("filter")
        #expect(last.entries.count == first.entries.count + 2)
        #expect(last.rules(of: "OMEGA").first?.comment == Self.acceptances[1].comment)
      }
    }
  }

  @Test("take a comment of any length, cut where the kernel ends it")
  func longComment() async throws {
    try await use { namespace in
      let long = String(repeating: "x", count: 300)
      try await change(namespace) { $0.insert(.init(comment: long), atTopOf: "EMPTY") }
      let table = try await namespace.run { try XtablesSocket().read("filter") }
      #expect(table.rules(of: "EMPTY").map(\.comment) == [String(long.prefix(255))])
    }
  }
}
