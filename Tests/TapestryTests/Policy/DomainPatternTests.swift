import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("A domain")
struct DomainPatternTests {
  @Test("is read in any case, with or without its last dot, and written one way")
  func text() throws {
    for (text, written) in [
      ("example.org", "example.org"), ("Example.ORG.", "example.org"), ("*.Example.org", "*.example.org"),
      ("org", "org"), ("_dmarc.example.org", "_dmarc.example.org"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
      ("1.example", "1.example"),
    ] {
      let pattern = try DomainPattern(parsing: text)
      #expect(pattern.description == written)
      #expect((try? DomainPattern(parsing: written)) == pattern)
    }
  }

  @Test("of other text is INVALID_POLICY, which says what is wrong")
  func refused() {
    let long = [String](repeating: String(repeating: "a", count: 60), count: 4).joined(separator: ".")
    for (text, words) in [
      ("", "no name"), ("*", "letters"), ("*.", "no name"), ("a..b", "1 to 63"), (".example.org", "1 to 63"),
      ("*.*.example.org", "letters"), ("www.*.org", "letters"), ("b\u{fc}cher.example", "ASCII"),
      ("a b.org", "letters"),
      ("-a.org", "hyphens"), ("a-.org", "hyphens"), ("203.0.113.7", "EgressPolicy.allow"),
      ("example.org/24", "letters"),
      ("example.org:443", "letters"), ("2001:db8::1", "letters"), ("a,b.org", "letters"), ("a#b.org", "letters"),
      (long, "200"), (String(repeating: "a", count: 64) + ".org", "1 to 63"),
    ] {
      let error = #expect(throws: TapestryError.self) { try DomainPattern(parsing: text) }
      #expect(
        error?.code == .invalidPolicy && error?.message.contains(words) == true, "\(text): \(error?.message ?? "")")
      #expect((try? DomainPattern(parsing: text)) == nil)
    }
  }

  @Test("has sets whose names tell it, whatever the bridge is called", arguments: ["svbr0", "br..x", "a.b-c_d"])
  func setNames(bridge: String) throws {
    let bridge = try InterfaceName(parsing: bridge)
    let long = [String](repeating: String(repeating: "a", count: 49), count: 4).joined(separator: ".")
    for text in ["example.org", "*.example.org", "org", "*.\(long)"] {
      let sets = DomainSet(bridge: bridge, pattern: try DomainPattern(parsing: text))
      #expect(DomainSet(name: sets.name) == sets)
      #expect(DomainSet(name: sets.name6) == nil)
      // NFT_SET_MAXNAMELEN, with its end.
      #expect(sets.name6.utf8.count < 256)
    }
    for other in [
      "", "names.00..svbr0", "name", "name.example.org", "guest_names", "name..svbr0", "below.a..", "..", ".",
    ] {
      #expect(DomainSet(name: other) == nil)
    }
  }

  @Test("of a policy is refused in a network without a name server, or where it is of that network's own")
  func inNetwork() throws {
    var network = Network(
      name: .default, subnet: Network.defaultSubnet, bridge: Network.defaultBridge,
      settings: NetworkSettings(nameServer: NameServer()))
    let policy = { (text: String) throws in
      EgressPolicy(reach: .nothing, domains: [try DomainPattern(parsing: text)])
    }
    try policy("example.org").validate(in: network)
    try policy("*.internal").validate(in: network)
    for text in ["default.internal", "*.default.internal", "web-1.default.internal"] {
      #expect(throws: TapestryError.self) { try policy(text).validate(in: network) }
    }
    network.settings.nameServer = nil
    let error = #expect(throws: TapestryError.self) { try policy("example.org").validate(in: network) }
    #expect(error?.code == .invalidPolicy && error?.remedies == [.set(.nameServer)])
    try EgressPolicy().validate(in: network)
  }
}
