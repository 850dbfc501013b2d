import NetTypes
import Testing

@testable import Tapestry

@Suite("An attachment's settings")
struct SettingsTests {
  private static let full = AttachmentSettings(
    owner: TapOwner(uid: 1000, gid: 7),
    egress: EgressPolicy(reach: .internet, rules: [TrafficRule(.deny, Traffic(to: .v4(SpecialUse.linkLocal)))]),
    rateLimit: RateLimit(transmit: 1_000_000, transmitPackets: 10), maxConnections: .atMost(300))

  @Test("are one text, which is read back as it was written")
  func text() {
    #expect(AttachmentSettings().text == "")
    #expect(
      Self.full.text
        == "owner=1000:7;egress=internet deny 169.254.0.0/16;rate-limit=tx=1mbit,tx-packets=10;max-connections=300")
    for settings in [AttachmentSettings(), Self.full] { #expect(AttachmentSettings(text: settings.text) == settings) }
  }

  @Test(
    "are not read from other text",
    arguments: [
      "owner", "owner=", "owner=x", "owner=1:2:3", "owner=01", "egress=maybe", "colour=red", "owner=1;owner=2",
      "max-connections=1;owner=1", ";", "owner=1;",
    ])
  func otherText(text: String) {
    #expect(AttachmentSettings(text: text) == nil)
  }

  @Test("have their ports in order, however they come")
  func ports() throws {
    let ports = try [PublishedPort](parsing: "9000:1") + [PublishedPort](parsing: "80:1")
    var settings = AttachmentSettings(published: ports)
    #expect(settings.published == ports.reversed())
    settings.published = ports
    #expect(settings.published == ports.reversed())
  }

  @Test("may not change in owner or ports while a guest runs, and say what does change them")
  func fixed() throws {
    let key = AttachmentKey(
      vm: try Identifier(parsing: "a", field: ""), interface: try Identifier(parsing: "b", field: ""))
    var other = Self.full
    other.owner = nil
    #expect(throws: TapestryError.self) { try other.requireChangeable(from: Self.full, of: key) }
    other = Self.full
    other.published = try [PublishedPort](parsing: "80:80")
    #expect(throws: TapestryError.self) { try other.requireChangeable(from: Self.full, of: key) }
    other = Self.full
    other.rateLimit.receive = 1_000_000
    #expect(throws: Never.self) { try other.requireChangeable(from: Self.full, of: key) }
  }
}
