import TestKit
import Testing

@Suite("Published ports on the command line", .needsKernel)
struct PublishTests {
  @Test("are claimed with attach or while the VM runs, shown, and given back")
  func life() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
      try await rig.namespace.command("ip", "link", "set", "lo", "up")
      let made = try await rig.json("attach", "web-1", "--publish", "8080:80", "--publish", "192.0.2.1:53:53/udp")
      let published: JSONValue = [
        ["hostIp": "192.0.2.1", "hostPort": 53, "guestPort": 53, "protocol": "udp"],
        ["hostIp": nil, "hostPort": 8080, "guestPort": 80, "protocol": "tcp"],
      ]
      #expect(made["published"] == published)
      #expect(try await rig.json("inspect", "web-1")[0] == made)
      #expect(try await rig.json("attach", "web-1") == made)
      #expect(try await rig.output("inspect", "web-1").contains("published     192.0.2.1:53:53/udp, 8080:80/tcp\n"))

      let more = try await rig.json("publish", "web-1", "9000-9002:90", "8080:80")[0]
      #expect(more["published"].elements.map { $0["hostPort"] } == [53, 8080, 9000, 9001, 9002])
      let map = try await rig.namespace.command("nft", "list", "map", "inet", "tapestry", "published")
      #expect(map.contains("tcp . 9002 : 172.30.0.2 . 92"))
      let less = try await rig.json("unpublish", "web-1", "9001:91", "8080:80")[0]
      #expect(less["published"].elements.map { $0["hostPort"] } == [53, 9000, 9002])
      #expect(try await rig.json("unpublish", "web-1", "--all")[0]["published"].isNull)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("that are taken, unknown or written wrongly are refused, and nothing is changed")
  func refused() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a", "--publish", "8080:80")
      for interface in ["eth0", "eth1"] { _ = try await rig.output("attach", "b", "--interface", interface) }
      let before = try await rig.state()
      let cases: [([String], String, String)] = [
        (["attach", "c", "--publish", "8080:81"], "PORT_IN_USE", "a/eth0"),
        (["attach", "c", "--publish", "8080"], "INVALID_PORT", "'8080'"),
        (["attach", "c", "--publish", "80:80", "--publish", "80:81"], "INVALID_PORT", "same host port"),
        (["attach", "a", "--publish", "8081:80"], "ATTACHMENT_CONFLICT", "tapestry publish"),
        (["publish", "b", "--interface", "eth0", "8080:80"], "PORT_IN_USE", "a/eth0"),
        (["publish", "b", "9000:80"], "ATTACHMENT_CONFLICT", "--interface"),
        (["publish", "nobody", "9000:80"], "ATTACHMENT_NOT_FOUND", "'nobody'"),
        (["unpublish", "a", "9000:80"], "PORT_NOT_FOUND", "'9000:80/tcp'"),
      ]
      for (words, code, text) in cases {
        expectError(try await rig.tapestry(words), code, saying: text)
        try await rig.expectUnchanged(since: before)
      }
      for words in [["publish", "a"], ["unpublish", "a"], ["unpublish", "a", "8080:80", "--all"]] {
        let result = try await rig.tapestry(words)
        #expect(result.status == 64, "\(words)")
      }
    }
  }
}
