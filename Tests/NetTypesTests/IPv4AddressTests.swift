import Glibc
import NetTypes
import TestKit
import Testing

@Suite("IPv4Address")
struct IPv4AddressTests {
  @Test(
    "a dotted quad is the number it stands for",
    arguments: [
      ("0.0.0.0", 0), ("0.0.0.1", 1), ("10.0.0.1", 0x0a00_0001), ("127.0.0.1", 0x7f00_0001),
      ("172.30.0.254", 0xac1e_00fe), ("192.168.1.77", 0xc0a8_014d), ("255.255.255.255", 0xffff_ffff),
    ] as [(String, UInt32)])
  func reading(text: String, value: UInt32) throws {
    let address = try IPv4Address(parsing: text)
    #expect(address.rawValue == value)
    #expect(address.description == text)
    #expect(IPv4Address(rawValue: value) == address)
  }

  @Test(
    "anything but four decimal octets is refused, and the message names it",
    arguments: [
      "", ".", "...", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5",
      "256.0.0.0", "0.0.0.256", "0.0.0.999", "0.0.0.1000", "0.0.0.4294967296", "0.0.0.18446744073709551616",
      "010.0.0.1", "10.0.0.01", "00.0.0.0", "0.0.0.00", "10.0.0.08", "0x0a.0.0.1", "10.0.0.1e1", "+1.2.3.4", "1.2.3.-4",
      "-1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1. 2.3.4", "1.2.3.4\n", "\t1.2.3.4", "1.2.3.4\0", "1.2\0.3.4",
      "١.٢.٣.٤", "１.2.3.4", "1．2.3.4", "1.2.3.4\u{301}", "1,2,3,4", "1:2:3:4", "a.b.c.d", "1.2.3.4/32", "::1.2.3.4",
      "localhost", "167772161", "10.1",
    ])
  func refusing(text: String) {
    #expect((try? IPv4Address(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try IPv4Address(parsing: text) }
    #expect(error?.kind == .ipv4Address)
    #expect(error?.text == text)
    #expect(error?.message == "Invalid IPv4 address '\(text)'")
    #expect(error?.description == error?.message)
  }

  @Test("octets, bytes and the number are three views of one address")
  func views() {
    let address = IPv4Address(192, 0, 2, 33)
    #expect(address.octets == (192, 0, 2, 33))
    #expect(address.bytes == [192, 0, 2, 33])
    #expect(address.rawValue == 0xc000_0221)
    #expect(IPv4Address(bytes: [192, 0, 2, 33]) == address)
    #expect(IPv4Address(bytes: address.bytes[...]) == address)
  }

  @Test("bytes that are not four are no address", arguments: [0, 1, 3, 5, 16, 1000])
  func wrongCount(count: Int) {
    #expect(IPv4Address(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("each kind of address begins and ends where its RFC says")
  func kinds() {
    func expect(_ kind: (IPv4Address) -> Bool, from low: IPv4Address, to high: IPv4Address) {
      #expect(kind(low) && kind(high))
      #expect(!kind(IPv4Address(rawValue: low.rawValue &- 1)))
      #expect(!kind(IPv4Address(rawValue: high.rawValue &+ 1)))
    }
    expect(\.isUnspecified, from: IPv4Address(0, 0, 0, 0), to: IPv4Address(0, 0, 0, 0))
    expect(\.isLoopback, from: IPv4Address(127, 0, 0, 0), to: IPv4Address(127, 255, 255, 255))
    expect(\.isLinkLocal, from: IPv4Address(169, 254, 0, 0), to: IPv4Address(169, 254, 255, 255))
    expect(\.isMulticast, from: IPv4Address(224, 0, 0, 0), to: IPv4Address(239, 255, 255, 255))
    expect(\.isLimitedBroadcast, from: IPv4Address(255, 255, 255, 255), to: IPv4Address(255, 255, 255, 255))
  }

  @Test("order is numeric, not that of the text")
  func order() throws {
    let texts = ["10.0.0.0", "9.255.255.255", "255.0.0.0", "0.0.0.2", "0.0.0.10"]
    let sorted = try texts.map { text throws in try IPv4Address(parsing: text) }.sorted()
    #expect(sorted.map(\.description) == ["0.0.0.2", "0.0.0.10", "9.255.255.255", "10.0.0.0", "255.0.0.0"])
  }

  @Test("what is printed reads back as the same address, and the C library agrees with both")
  func roundTrip() {
    var generator = SeededGenerator(seed: 0x1944)
    for _ in 0..<30_000 {
      let address = IPv4Address.random(using: &generator)
      let text = address.description
      #expect((try? IPv4Address(parsing: text)) == address)
      #expect(IPv4Address(bytes: address.bytes) == address)
      #expect(InetOracle.print(address.bytes) == text)
    }
  }

  @Test("of nearly right text, what inet_pton refuses is refused, and what is accepted prints as it was written")
  func nearMisses() {
    var generator = SeededGenerator(seed: 0x1945)
    var accepted = 0
    for _ in 0..<30_000 {
      let text = RandomText.nearly(IPv4Address.random(using: &generator).description, using: &generator)
      let address = try? IPv4Address(parsing: text)
      #expect(address?.bytes == InetOracle.parse(text, family: AF_INET), "\(text.debugDescription)")
      guard let address else { continue }
      accepted += 1
      #expect(address.description == text)
    }
    #expect(1_000..<29_000 ~= accepted)
  }
}
