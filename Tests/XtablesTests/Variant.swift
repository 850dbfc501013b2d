import NetTypes
import TestKit
import Testing

@testable import Xtables

/// One of the two firewalls, with a table that has chains of every kind, extensions, jumps forth and back, gotos, rules
/// without targets, counters.
struct Variant: Sendable, CustomTestStringConvertible {
  let family: IPFamily
  let program: String
  /// As the program's `-restore` reads it.
  let rules: String
  /// Two rules, and how the program writes them.
  let acceptances: [XtablesRule.Acceptance]
  let words: [String]
  /// Prefixes that the rules name.
  let wide: IPPrefix?
  let guests: IPPrefix?

  var testDescription: String { program }

  /// Networks by their names in the rules.
  private init(_ family: IPFamily, _ program: String, _ networks: [String: String], reject: String) {
    func named(_ text: String) -> String {
      networks.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }
    self.family = family
    self.program = program
    rules = named(Self.template).replacing("REASON", with: reject)
    acceptances = [
      .init(source: (try? IPPrefix(parsing: named("GUESTS"))), comment: "tapestry: network default"),
      .init(destination: (try? IPPrefix(parsing: named("ODD"))), comment: "of \"quotes\""),
    ]
    words = [
      #"-s GUESTS -m comment --comment "tapestry: network default" -j ACCEPT"#,
      #"-d ODD -m comment --comment "of \"quotes\"" -j ACCEPT"#,
    ].map(named)
    wide = try? IPPrefix(parsing: named("WIDE"))
    guests = try? IPPrefix(parsing: named("GUESTS"))
  }

  static let both = [
    Variant(
      .v4, "iptables-legacy",
      [
        "WIDE": "10.0.0.0/8", "PART": "10.1.0.0/16", "GUESTS": "172.30.0.0/24", "ODD": "172.30.0.0/20",
        "OUTSIDE": "203.0.113.0/24", "HOST": "198.51.100.7/32",
      ], reject: "icmp-host-prohibited"),
    Variant(
      .v6, "ip6tables-legacy",
      [
        "WIDE": "fd00::/8", "PART": "fd00:1::/33", "GUESTS": "2001:db8:7::/64", "ODD": "2001:db8:7::/61",
        "OUTSIDE": "2001:db8:1::/48", "HOST": "2001:db8:1::7/128",
      ], reject: "icmp6-adm-prohibited"),
  ]

  private static let template = """
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
    [4:240] -A FORWARD -s WIDE -j OMEGA
    [5:300] -A FORWARD -d GUESTS
    [6:360] -A FORWARD -i eth0 -g ALPHA
    [7:420] -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [8:480] -A FORWARD -j REJECT --reject-with REASON
    [9:540] -A OUTPUT -d OUTSIDE -j EMPTY
    [10:600] -A OUTPUT -m limit --limit 3/min -j LOG --log-prefix "out: "
    [11:660] -A ALPHA -j OMEGA
    [12:720] -A ALPHA -j RETURN
    [13:780] -A DOCKER-USER -s HOST
    [14:840] -A DOCKER-USER -j RETURN
    [15:900] -A OMEGA ! -s PART -j DROP
    [16:960] -A OMEGA -j DOCKER-USER
    COMMIT

    """
}

// MARK: - The table in a namespace

extension Variant {
  func use(_ body: (TestNamespace) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await restore(namespace)
      try await body(namespace)
    }
  }

  func restore(_ namespace: TestNamespace) async throws {
    _ = try await namespace.command(arguments: ["\(program)-restore", "-c"], input: rules).checked()
  }

  /// The table, with its counters, as the program sees it.
  func saved(_ namespace: TestNamespace) async throws -> [String] {
    try await namespace.command("\(program)-save", "-c", "-t", "filter").split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") }
  }

  /// Without what the policies have counted, which the program forgets when it changes the table.
  func withoutPolicyCounters(_ lines: [String]) -> [String] {
    lines.map { line in line.hasPrefix(":") ? String(line.prefix { $0 != "[" }) : line }
  }

  func read(_ namespace: TestNamespace) async throws -> XtablesTable {
    try await namespace.run { [family] in try XtablesSocket(family).read("filter") }
  }

  func change(
    _ namespace: TestNamespace, _ edit: @escaping @Sendable (inout XtablesTable) -> Void
  ) async throws {
    try await namespace.run { [family] in try XtablesSocket(family).change("filter", edit) }
  }
}
