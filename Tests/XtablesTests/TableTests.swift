import NetTypes
import TestKit
import Testing

@testable import Xtables

@Suite("Tables of iptables-legacy, beside iptables(8) and ip6tables(8)", .needsKernel)
struct TableTests {
  @Test("are read and written back byte by byte", arguments: Variant.both)
  func roundTrip(variant: Variant) async throws {
    try await variant.use { namespace in
      let before = try await variant.saved(namespace)
      let table = try await variant.read(namespace)
      let rule = variant.acceptances[0]
      // A change that is none is not made; this one is, and undone in the same breath.
      try await variant.change(namespace) { table in
        table.insert(rule, in: "ALPHA")
        table.remove(table.rules(of: "ALPHA")[0])
        table.insert(rule, in: "OMEGA")
      }
      try await variant.change(namespace) { table in table.remove(table.rules(of: "OMEGA")[0]) }
      #expect(try await variant.saved(namespace) == before)
      #expect(try await variant.read(namespace).replacement.count == table.replacement.count)
    }
  }

  @Test(
    "take a rule at the top of any chain, which all else survives, and give it back", arguments: Variant.both,
    ["INPUT", "FORWARD", "OUTPUT", "ALPHA", "DOCKER-USER", "EMPTY", "OMEGA"])
  func insert(variant: Variant, chain: String) async throws {
    try await variant.use { namespace in
      let before = try await variant.saved(namespace)
      try await variant.change(namespace) { table in
        for acceptance in variant.acceptances.reversed() { table.insert(acceptance, in: chain) }
      }
      // What the program makes of the same, in a namespace of its own.
      let expected = try await withNamespace { other in
        try await variant.restore(other)
        for acceptance in variant.acceptances.reversed() {
          let ends = [("-s", acceptance.source), ("-d", acceptance.destination)]
          let words = ends.flatMap { word, prefix in prefix.map { [word, "\($0)"] } ?? [] }
          _ = try await other.command(
            arguments: [variant.program, "-I", chain] + words
              + ["-m", "comment", "--comment", acceptance.comment, "-j", "ACCEPT"]
          ).checked()
        }
        return try await variant.saved(other)
      }
      #expect(
        variant.withoutPolicyCounters(try await variant.saved(namespace)) == variant.withoutPolicyCounters(expected))
      #expect(
        try await namespace.command(variant.program, "-S", chain).split(separator: "\n").dropFirst().prefix(2).map(
          String.init)
          == variant.words.map { "-A \(chain) \($0)" })

      try await variant.change(namespace) { table in
        for rule in table.rules(of: chain) where variant.acceptances.contains(where: { $0.comment == rule.comment }) {
          table.remove(rule)
        }
      }
      #expect(try await variant.saved(namespace) == before)
    }
  }

  @Test("lose any one rule, and nothing else", arguments: Variant.both)
  func remove(variant: Variant) async throws {
    try await variant.use { namespace in
      for (chain, count) in [("FORWARD", 6), ("DOCKER-USER", 2), ("OMEGA", 2), ("OUTPUT", 2)] {
        for place in 0..<count {
          try await variant.restore(namespace)
          let line = try await variant.saved(namespace).filter { $0.contains(" -A \(chain) ") }[place]
          var expected = try await variant.saved(namespace)
          expected.removeAll { $0 == line }
          try await variant.change(namespace) { table in table.remove(table.rules(of: chain)[place]) }
          #expect(try await variant.saved(namespace) == expected)
        }
      }
    }
  }

  @Test("say what their rules say", arguments: Variant.both)
  func rules(variant: Variant) async throws {
    try await variant.use { namespace in
      let table = try await variant.read(namespace)
      let forward = table.rules(of: "FORWARD")
      #expect(
        forward.map(\.target) == [
          .jump("DOCKER-USER"), .jump("OMEGA"), .next, .goto("ALPHA"), .accept, .other("REJECT"),
        ])
      #expect(forward.map(\.isConditional) == [false, false, false, true, true, false])
      #expect(forward[1].source == variant.wide && forward[2].destination == variant.guests)
      #expect(table.rules(of: "INPUT")[1].comment == "ssh" && table.rules(of: "INPUT")[1].isConditional)
      #expect(table.rules(of: "OMEGA").map(\.target) == [.drop, .jump("DOCKER-USER")])
      #expect(table.rules(of: "OMEGA")[0].isConditional)
      #expect(table.rules(of: "ALPHA").last?.target == .return)
      #expect(table.rules(of: "EMPTY").isEmpty && table.hasChain("EMPTY"))
      #expect(table.rules(of: "NONE").isEmpty && !table.hasChain("NONE") && !table.hasChain("ERROR"))
      #expect(table.policy(of: "FORWARD") == .drop && table.policy(of: "INPUT") == .accept)
      #expect(table.policy(of: "ALPHA") == nil && table.policy(of: "PREROUTING") == nil)
    }
  }

  @Test("hold conditions for what they are: nothing but addresses tells more", arguments: Variant.both)
  func conditions(variant: Variant) async throws {
    try await variant.use { namespace in
      let conditions = [
        ["-p", "tcp"], ["-i", "eth0"], ["-o", "eth0"],
        ["!", "-d", "\(variant.acceptances[0].source?.description ?? "")"],
        variant.family == .v4 ? ["-f"] : ["-p", "icmpv6"],
      ]
      for condition in conditions {
        _ = try await namespace.command(arguments: [variant.program, "-I", "FORWARD"] + condition + ["-j", "ACCEPT"])
          .checked()
        #expect(try await variant.read(namespace).rules(of: "FORWARD")[0].isConditional, "\(condition)")
      }
    }
  }

  @Test("are only those that are there: asking for them makes none", arguments: Variant.both)
  func absent(variant: Variant) async throws {
    try await withNamespace { namespace in
      let tables = {
        try await namespace.run { IPFamily.allCases.map { XtablesSocket.tables($0) } }
      }
      #expect(try await tables() == [[], []])
      try await namespace.command(variant.program, "-t", "nat", "-S")
      #expect(try await tables() == IPFamily.allCases.map { $0 == variant.family ? ["nat"] : [] })
    }
  }

  @Test("take no addresses of the other family")
  func otherFamily() async throws {
    let (one, other) = (Variant.both[0], Variant.both[1])
    try await one.use { namespace in
      var table = try await one.read(namespace)
      let before = table
      for rule in other.acceptances {
        let isTaken = table.insert(rule, in: "FORWARD")
        #expect(!isTaken)
      }
      #expect(table == before)
    }
  }

  @Test("change by two at once: neither undoes what the other does", arguments: Variant.both)
  func rivals(variant: Variant) async throws {
    try await variant.use { namespace in
      let (program, host) = (variant.program, "\(variant.guests.map { "\($0.address)" } ?? "")")
      let before = try await variant.saved(namespace)
      async let theirs: Void = {
        for _ in 0..<20 {
          for verb in ["-I", "-D"] {
            try await namespace.command(program, "-w", verb, "FORWARD", "-s", host, "-j", "DROP")
          }
        }
        try await namespace.command(program, "-w", "-A", "OMEGA", "-s", host, "-j", "DROP")
      }()
      let rule = variant.acceptances[0]
      for _ in 0..<100 {
        try await variant.change(namespace) { $0.insert(rule, in: "FORWARD") }
        try await variant.change(namespace) { table in
          for installed in table.rules(of: "FORWARD") where installed.comment == rule.comment {
            table.remove(installed)
          }
        }
      }
      try await theirs
      var after = variant.withoutPolicyCounters(try await variant.saved(namespace))
      after.removeAll { $0.hasPrefix("[0:0] -A OMEGA -s \(host)/") && $0.hasSuffix(" -j DROP") }
      #expect(after == variant.withoutPolicyCounters(before))
      #expect(try await variant.saved(namespace).count == before.count + 1)
    }
  }

  @Test("of a size that has changed since are read again", arguments: Variant.both)
  func stale(variant: Variant) async throws {
    try await variant.use { namespace in
      try await namespace.run {
        let socket = try XtablesSocket(variant.family)
        let first = try socket.read("filter")
        var count = 0
        try socket.change("filter") { table in
          count += 1
          // Somebody who heeds no lock comes in between, once.
          if count == 1, var other = try? XtablesSocket(variant.family).read("filter") {
            other.insert(variant.acceptances[1], in: "OMEGA")
            try? socket.replace(other)
          }
          table.insert(variant.acceptances[0], in: "FORWARD")
        }
        #expect(count == 2)
        let last = try socket.read("filter")
        #expect(last.entries.count == first.entries.count + 2)
        #expect(last.rules(of: "OMEGA").first?.comment == variant.acceptances[1].comment)
      }
    }
  }

  @Test("take a comment of any length, cut where the kernel ends it", arguments: Variant.both)
  func longComment(variant: Variant) async throws {
    try await variant.use { namespace in
      let long = String(repeating: "x", count: 300)
      try await variant.change(namespace) { $0.insert(.init(comment: long), in: "EMPTY") }
      #expect(try await variant.read(namespace).rules(of: "EMPTY").map(\.comment) == [String(long.prefix(255))])
    }
  }
}
