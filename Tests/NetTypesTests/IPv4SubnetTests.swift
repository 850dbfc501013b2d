import NetTypes
import TestKit
import Testing

@Suite("IPv4Subnet")
struct IPv4SubnetTests {
  struct Outcome: Sendable {
    let subnet, networkAddress: String
    let prefixLength: Int
    let gateway, subnetMask, firstGuest, lastGuest: String

    init(
      _ subnet: String, _ networkAddress: String, _ prefixLength: Int, gateway: String, mask: String,
      guests: (String, String)
    ) {
      self.subnet = subnet
      self.networkAddress = networkAddress
      self.prefixLength = prefixLength
      self.gateway = gateway
      subnetMask = mask
      (firstGuest, lastGuest) = guests
    }
  }

  @Test(
    "a subnet has the parts it always had",
    arguments: [
      Outcome(
        "172.30.0.0/24", "172.30.0.0", 24, gateway: "172.30.0.1", mask: "255.255.255.0",
        guests: ("172.30.0.2", "172.30.0.254")),
      Outcome(
        "10.0.0.0/8", "10.0.0.0", 8, gateway: "10.0.0.1", mask: "255.0.0.0", guests: ("10.0.0.2", "10.255.255.254")),
      Outcome(
        "192.168.1.77/24", "192.168.1.0", 24, gateway: "192.168.1.1", mask: "255.255.255.0",
        guests: ("192.168.1.2", "192.168.1.254")),
      Outcome(
        "10.1.2.3/30", "10.1.2.0", 30, gateway: "10.1.2.1", mask: "255.255.255.252", guests: ("10.1.2.2", "10.1.2.2")),
      Outcome(
        "10.1.2.3/29", "10.1.2.0", 29, gateway: "10.1.2.1", mask: "255.255.255.248", guests: ("10.1.2.2", "10.1.2.6")),
      Outcome(
        "1.2.3.4/1", "0.0.0.0", 1, gateway: "0.0.0.1", mask: "128.0.0.0", guests: ("0.0.0.2", "127.255.255.254")),
      Outcome(
        "255.255.255.255/30", "255.255.255.252", 30, gateway: "255.255.255.253", mask: "255.255.255.252",
        guests: ("255.255.255.254", "255.255.255.254")),
      Outcome(
        "172.30.0.0/16", "172.30.0.0", 16, gateway: "172.30.0.1", mask: "255.255.0.0",
        guests: ("172.30.0.2", "172.30.255.254")),
    ])
  func parts(expected: Outcome) throws {
    let subnet = try IPv4Subnet(parsing: expected.subnet)
    #expect(subnet.networkAddress.description == expected.networkAddress)
    #expect(subnet.prefixLength == expected.prefixLength)
    #expect(subnet.gateway.description == expected.gateway)
    #expect(subnet.subnetMask.description == expected.subnetMask)
    #expect(subnet.firstGuest.description == expected.firstGuest)
    #expect(subnet.lastGuest.description == expected.lastGuest)
    #expect(subnet.description == "\(expected.networkAddress)/\(expected.prefixLength)")
    #expect(subnet.prefix.description == subnet.description)
  }

  @Test(
    "what is wrong with the form or the prefix length is told before what is wrong with the address",
    arguments: [
      "10.0.0.0/31", "10.0.0.0/32", "10.0.0.0/0", "10.0.0.0", "10.0.0.0/24/1", "10.0.0.0/abc", "/24", "10.0.0.0/",
      "10.0.0.0/2.5", "10.0.0.0/-1", "", "/", "//", "10.0.0.0//24", "10.0.0.0/24/", "/10.0.0.0/24", "a.b.c.d", "a/31",
      "010.0.0.0/33", "10.0.0.0/255.255.255.0", "10.0.0.0/99999999999999999999", "10.0.0.0/256", "10.0.0.0/280",
    ])
  func refusedForm(text: String) {
    expectRefusal(
      of: text, kind: .ipv4Subnet, "Invalid subnet '\(text)': expected IPv4 CIDR with prefix length 1-30")
  }

  @Test(
    "a prefix length has one way to be written: no zero in front, no sign, no fraction, no exponent, no space",
    arguments: [
      "030", "024", "01", "00", "0x1e", "0b11", "0o30", "3e1", "+24", "-24", "24.0", " 24", "24 ", "2 4", "24\n",
      "\t24",
      "24\0", "٢٤", "２４", "24\u{301}", "\u{301}24", "24\u{feff}",
    ])
  func refusedPrefixLength(prefixLength: String) {
    let text = "10.0.0.0/\(prefixLength)"
    expectRefusal(
      of: text, kind: .ipv4Subnet, "Invalid subnet '\(text)': expected IPv4 CIDR with prefix length 1-30")
  }

  @Test(
    "an address that is no dotted quad is refused by itself",
    arguments: [
      "10.0.0", "10.0.0.256", "10.0.0.-1", "a.b.c.d", " 10.0.0.0", "010.0.0.0", "10.0.0.00", "10.0.0.0 ", "10..0.0",
      "10.0.0.0.0", "0x0a.0.0.0", "+10.0.0.0", "1e1.0.0.0", "10.0.0.0\n", " ", "::1", "١٠.0.0.0",
    ])
  func refusedAddress(address: String) {
    expectRefusal(of: "\(address)/24", kind: .ipv4Address, "Invalid IPv4 address '\(address)'")
  }

  private func expectRefusal(of text: String, kind: AddressError.Kind, _ message: String) {
    #expect((try? IPv4Subnet(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try IPv4Subnet(parsing: text) }
    #expect(error?.kind == kind)
    #expect(error?.message == message)
  }

  @Test("a subnet around an address has the length asked for, 1 to 30")
  func containing() throws {
    let address = IPv4Address(192, 168, 1, 77)
    #expect(try IPv4Subnet(containing: address, prefixLength: 24).description == "192.168.1.0/24")
    for prefixLength in [0, 31, 32, 33, -1, .min, .max] {
      let error = #expect(throws: AddressError.self) {
        try IPv4Subnet(containing: address, prefixLength: prefixLength)
      }
      let text = "192.168.1.77/\(prefixLength)"
      #expect(error?.message == "Invalid subnet '\(text)': expected IPv4 CIDR with prefix length 1-30")
    }
  }

  @Test("every prefix length gives the parts that plain arithmetic gives", arguments: 1...30)
  func arithmetic(prefixLength: Int) throws {
    var generator = SeededGenerator(seed: UInt64(prefixLength))
    let size = (0..<32 - prefixLength).reduce(1) { product, _ in product * 2 }
    for _ in 0..<1_000 {
      let address = IPv4Address.random(using: &generator)
      let subnet = try IPv4Subnet(containing: address, prefixLength: prefixLength)
      let network = Int(address.rawValue) / size * size
      #expect(Int(subnet.networkAddress.rawValue) == network)
      #expect(Int(subnet.gateway.rawValue) == network + 1)
      #expect(Int(subnet.firstGuest.rawValue) == network + 2)
      #expect(Int(subnet.lastGuest.rawValue) == network + size - 2)
      #expect(Int(subnet.broadcast.rawValue) == network + size - 1)
      #expect(Int(subnet.subnetMask.rawValue) == (1 << 32) - size)
      #expect(subnet.guestCount == size - 3)
      #expect(subnet.contains(address))
      #expect((try? IPv4Subnet(parsing: subnet.description)) == subnet)
      #expect((try? IPv4Subnet(parsing: "\(address)/\(prefixLength)")) == subnet)
    }
  }

  @Test("guests are those addresses that are neither network, gateway nor broadcast address")
  func guests() throws {
    let subnet = try IPv4Subnet(parsing: "198.51.100.8/29")
    let around = (0..<16).map { IPv4Address(198, 51, 100, $0) }
    #expect(around.filter(subnet.contains) == around[8...15].map { $0 })
    #expect(around.filter(subnet.isGuest) == around[10...14].map { $0 })
    #expect(subnet.guestCount == 5)
    #expect(try IPv4Subnet(parsing: "10.1.2.3/30").guestCount == 1)
    #expect(try IPv4Subnet(parsing: "1.2.3.4/1").guestCount == 2_147_483_645)
  }

  @Test("subnets overlap when one is inside the other, whichever is asked")
  func overlap() throws {
    let wide = try IPv4Subnet(parsing: "172.16.0.0/12")
    let narrow = try IPv4Subnet(parsing: "172.30.0.0/24")
    let next = try IPv4Subnet(parsing: "172.30.1.0/24")
    #expect(wide.overlaps(narrow) && narrow.overlaps(wide) && narrow.overlaps(narrow))
    #expect(!narrow.overlaps(next) && !next.overlaps(narrow))
    let host = IPv4Prefix(host: narrow.broadcast)
    #expect(narrow.overlaps(host) && host.overlaps(narrow))
    #expect(!next.overlaps(host) && !host.overlaps(next))
  }

  @Test("order is by network address, the wider subnet first")
  func order() throws {
    let texts = ["10.0.0.0/24", "10.0.0.0/8", "9.0.0.0/30"]
    let sorted = try texts.map { text throws in try IPv4Subnet(parsing: text) }.sorted()
    #expect(sorted.map(\.description) == ["9.0.0.0/30", "10.0.0.0/8", "10.0.0.0/24"])
  }
}
