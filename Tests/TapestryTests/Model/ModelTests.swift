import FoundationEssentials
import NetTypes
import Testing

@testable import Tapestry

@Suite("The model")
struct ModelTests {
  @Test(
    "ids outside the rules are INVALID_NAME",
    arguments: ["", String(repeating: "a", count: 65), "a b", "a/b", "ü", "a\n", "a\0b", "$(x)", "'", "a,b"])
  func illegalIdentifier(text: String) {
    #expect(throws: TapestryError.self) { try Identifier(parsing: text, field: "VM id") }
    do throws(TapestryError) { _ = try Identifier(parsing: text, field: "VM id") } catch {
      #expect(error.code == .invalidName)
      #expect(error.message.contains("VM id"))
    }
  }

  @Test(
    "ids within the rules are kept as they are",
    arguments: ["a", "web-1", "A_b.c:d-e", String(repeating: "9", count: 64)])
  func legalIdentifier(text: String) throws {
    #expect(try Identifier(parsing: text, field: "VM id").rawValue == text)
  }

  @Test("in JSON an id is a string, and other text there is INVALID_NAME")
  func identifierCoding() throws {
    let ids: [Identifier] = ["web-1"]
    #expect(try JSONEncoder().encode(ids) == Data(#"["web-1"]"#.utf8))
    #expect(try JSONDecoder().decode([Identifier].self, from: Data(#"["web-1"]"#.utf8)) == ids)
    expect(.invalidName) { _ = try JSONDecoder().decode([Identifier].self, from: Data(#"["a b"]"#.utf8)) }
  }

  @Test("the constants that the source spells out are legal")
  func constants() throws {
    #expect(try IPv4Subnet(parsing: "172.30.0.0/24") == Network.defaultSubnet)
    #expect(try InterfaceName(parsing: "svbr0") == Network.defaultBridge)
    #expect(Identifier(text: "default") == .default)
  }

  @Test("boot arguments name the guest's device where the id is a NIC's name, and eth0 otherwise")
  func bootArgumentsDevice() throws {
    let subnet = Network.defaultSubnet
    for (id, device): (Identifier, String) in [
      ("eth1", "eth1"), ("ens3", "ens3"), ("enp0s4", "enp0s4"), ("uplink", "eth0"), ("eth0:1", "eth0"),
      ("eth", "eth0"), ("end", "eth0"), ("enx:1", "eth0"),
    ] {
      let text = BootArguments(address: subnet.firstGuest, subnet: subnet, interface: id).description
      #expect(text == "ip=172.30.0.2::172.30.0.1:255.255.255.0::\(device):off")
    }
  }

  @Test("boot arguments carry at most two name servers")
  func bootArgumentsDNS() throws {
    let servers = try ["198.51.100.1", "198.51.100.2", "198.51.100.3"].map { try IPv4Address(parsing: $0) }
    let subnet = Network.defaultSubnet
    let text = BootArguments(address: subnet.firstGuest, subnet: subnet, dns: servers).description
    #expect(text == "ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off:198.51.100.1:198.51.100.2")
  }

  @Test("marks are read back as they were written, and others' aliases are not taken for ours")
  func marks() throws {
    let long = try #require(Identifier(text: String(repeating: "x", count: 64)))
    let key = AttachmentKey(vm: long, interface: long)
    for mark in [OwnerMark.network(.default), .attachment(network: long, key: key)] {
      #expect(OwnerMark(alias: mark.alias) == mark)
      #expect(mark.alias.utf8.count < 256)
    }
    for alias in [
      "", "tapestry", "tapestry:", "tapestry:a/b", "tapestry:a/b/c/d", "Tapestry:a", "tapestry:a b", "x:tapestry:a",
    ] {
      #expect(OwnerMark(alias: alias) == nil)
    }
  }

  @Test("a salt gives another MAC and another name, the same each time")
  func salts() {
    for salt in 1..<100 {
      let mac = Identity.mac(vm: "Aa", interface: "eth0", salt: salt)
      #expect(mac != Identity.mac(vm: "BB", interface: "eth0", salt: salt))
      #expect(mac == Identity.mac(vm: "Aa", interface: "eth0", salt: salt))
      #expect(mac.isLocallyAdministered && !mac.isMulticast)
      #expect(Identity.tapName(vm: "web-1", interface: "eth0", salt: salt).utf8.count == 15)
      #expect(Identity.tapName(vm: "w", interface: "eth0", salt: salt).utf8.count <= 15)
    }
  }

  @Test("a prefix to be asked for is a /64 of addresses that are routed, or drawn from RFC 4193's")
  func subnet6Requests() throws {
    #expect(try Subnet6Request(parsing: "auto") == .automatic)
    #expect(
      try Subnet6Request(parsing: "fd12:3456:789a::/64") == .prefix(try IPv6Prefix(parsing: "fd12:3456:789a::/64")))
    for text in [
      "", "AUTO", "fd00::", "fd00::/48", "fd00::1/64", "fe80::/64", "ff00::/64", "::/64", "10.0.0.0/24", "4000::/64",
    ] {
      let error = #expect(throws: TapestryError.self) { try Subnet6Request(parsing: text) }
      #expect(error?.code == .invalidSubnet, "\(text)")
    }
    var generator = SystemRandomNumberGenerator()
    let drawn = Set((0..<100).map { _ in IPv6Prefix.randomUniqueLocal(using: &generator) })
    #expect(drawn.count == 100)
    for prefix in drawn {
      #expect(prefix.address.rawValue >> 120 == 0xfd && prefix.prefixLength == 64)
      #expect(prefix.address.rawValue & (1 << 80 - 1) == 0)
    }
  }
}
