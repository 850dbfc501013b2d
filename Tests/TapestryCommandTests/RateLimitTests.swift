import TestKit
import Testing

@Suite("Rate limits on the command line", .needsKernel)
struct RateLimitTests {
  @Test("are given with attach, printed as Firecracker has them, changed, and taken away")
  func life() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "web-1", "--rate-limit", "tx=100mbit,rx=50mbit,tx-packets=10000")
      #expect(made["rateLimit"] == ["txBits": 100_000_000, "rxBits": 50_000_000, "txPackets": 10_000])
      let entry = try JSONValue(parsing: try await rig.output("attach", "web-1", "-o", "firecracker"))
      #expect(entry["rx_rate_limiter"] == ["bandwidth": ["size": 625_000, "refill_time": 100]])
      #expect(
        entry["tx_rate_limiter"] == [
          "bandwidth": ["size": 1_250_000, "refill_time": 100], "ops": ["size": 10_000, "refill_time": 1000],
        ])
      let changed = try await rig.json(
        "policy", "set", "web-1", "--rate-limit", "rx=1gbit,tx=none,tx-packets=none", "--egress", "none")[0]
      #expect(changed["rateLimit"] == ["rxBits": 1_000_000_000])
      #expect(changed["egress"]["egress"] == "none")
      #expect(try await rig.output("inspect", "web-1").contains("rate limit    rx=1gbit\n"))
      #expect(try await rig.json("policy", "set", "web-1", "--rate-limit", "none")[0]["rateLimit"].isNull)
      #expect(try await rig.output("check") == "no drift\n")
      expectError(
        try await rig.tapestry("attach", "web-2", "--rate-limit", "tx=10"), "INVALID_RATE", saying: "'tx=10'")
    }
  }

  @Test("and limits of connections leave each other alone, and say none, a number, or nothing")
  func connections() async throws {
    try await CommandRig.use { rig in
      #expect(try await rig.json("attach", "web-0")["maxConnections"].isNull)
      let made = try await rig.json("attach", "web-1", "--max-connections", "300", "--rate-limit", "rx=1gbit")
      #expect(made["maxConnections"] == 300)
      #expect(try await rig.json("ls")[1] == made)
      #expect(try await rig.output("inspect", "web-1").contains("connections   at most 300\n"))
      func change(_ arguments: String...) async throws -> JSONValue {
        try JSONValue(parsing: try await rig.output(["policy", "set", "web-1"] + arguments + ["-o", "json"]))[0]
      }
      let free = try await change("--max-connections", "none")
      #expect(free["maxConnections"] == "none" && free["rateLimit"] == made["rateLimit"])
      #expect(try await rig.output("inspect", "web-1").contains("connections   no limit\n"))
      let both = try await change("--rate-limit", "rx=2gbit")
      #expect(both["maxConnections"] == "none" && both["rateLimit"] == ["rxBits": 2_000_000_000])
      let neither = try await change("--max-connections", "default", "--rate-limit", "none")
      #expect(neither["maxConnections"].isNull && neither["rateLimit"].isNull)
      #expect(try await rig.output("check") == "no drift\n")
      for text in ["0", "many", "default"] {
        expectError(
          try await rig.tapestry("attach", "web-2", "--max-connections", text), "INVALID_LIMIT", saying: "'\(text)'")
      }
      expectUsageError(
        try await rig.tapestry("policy", "set", "--network", "default", "--max-connections", "5"),
        saying: "'--max-connections' applies to a VM")
    }
  }
}
