import Glibc
import Linux
import TestKit
import Testing

@Suite("A JSON value")
struct JSONValueTests {
  @Test("is found by a path, and is null where there is none")
  func path() throws {
    let json = try JSONValue(
      parsing: #"[{"ifname":"lo","mtu":65536,"flags":["UP"],"x":{"y":1.5,"z":null,"on":true}}]"#)
    #expect(json[0]["ifname"] == "lo")
    #expect(json[0]["mtu"] == 65536)
    #expect(json[0]["flags"] == ["UP"])
    #expect(json[0]["x"] == ["y": 1.5, "z": nil, "on": true])
    #expect(json[0]["x"]["on"].bool == true)
    #expect(json[1]["ifname"].isNull)
    #expect(json["ifname"][3]["q"] == nil)
    #expect(json.first(where: "ifname", is: "lo")["mtu"].int == 65536)
    #expect(json.first(where: "ifname", is: "eth0").isNull)
    #expect("\(json[0]["x"])" == #"{"on":true,"y":1.5,"z":null}"#)
    #expect(throws: (any Error).self) { try JSONValue(parsing: "{") }
  }
}

@Suite("The namespace of a test that is killed", .needsKernel)
struct KilledTests {
  @Test("goes, with all that ran in it")
  func killed() async throws {
    let result = try await #require(
      processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
    ) {
      try await withNamespace { namespace in
        let command = try await namespace.start("sleep", "1000")
        print("pid=\(command.pid)=")
        fflush(nil)
        kill(getpid(), SIGKILL)
      }
    }
    let output = String(decoding: result.standardOutputContent, as: UTF8.self)
    let pid = try #require(output.split(separator: "=").dropFirst().first.flatMap { Int32($0) })
    #expect(try await eventually { try ProcessIdentity(running: pid) == nil })
  }
}
