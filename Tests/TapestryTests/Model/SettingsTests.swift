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

@Suite("A network's settings")
struct NetworkSettingsTests {
  private static let full = NetworkSettings(
    egress: EgressPolicy(reach: .nothing), hostAccess: HostAccess([.icmp, .dns]), allowsInterVM: true, nat: false,
    opensFirewalls: false, dns: [IPv4Address(1, 1, 1, 1), IPv4Address(8, 8, 8, 8)], nameServer: NameServer())

  @Test("are one text, which is read back as it was written")
  func text() {
    #expect(NetworkSettings().text == "")
    #expect(
      Self.full.text
        == "dns=1.1.1.1 8.8.8.8;allow-inter-vm=yes;nat=no;egress=none;host-access=dns,icmp;firewall-rules=no;dns-server="
    )
    for settings in [NetworkSettings(), Self.full] { #expect(NetworkSettings(text: settings.text) == settings) }
  }

  @Test(
    "are not read from other text",
    arguments: [
      "egress=maybe", "host-access=", "nat", "nat=", "nat=yes", "allow-inter-vm=no", "dns=1.1.1", "dns-server=x",
      "colour=red", "nat=no;nat=no", "egress=none;nat=no",
    ])
  func otherText(text: String) {
    #expect(NetworkSettings(text: text) == nil)
  }

  @Test("may change in policies only while guests run")
  func fixed() {
    var other = Self.full
    (other.egress, other.hostAccess) = (EgressPolicy(), .standard)
    #expect(throws: Never.self) { try other.requireChangeable(from: Self.full, of: .default) }
    let changes: [(inout NetworkSettings) -> Void] = [
      { $0.allowsInterVM = false }, { $0.nat = true }, { $0.opensFirewalls = true }, { $0.dns = [] },
      { $0.nameServer = nil },
    ]
    for change in changes {
      var other = Self.full
      change(&other)
      expect(.invalidPolicy) { try other.requireChangeable(from: Self.full, of: .default) }
    }
  }
}
