import NetTypes
import TestKit
import Testing

@Suite("MACAddress")
struct MACAddressTests {
  @Test(
    "six octets of two hex digits of either case are read, and printed in lower case",
    arguments: [
      ("00:00:00:00:00:00", 0, "00:00:00:00:00:00"), ("02:00:00:00:00:01", 0x0200_0000_0001, "02:00:00:00:00:01"),
      ("DE:AD:be:ef:0A:9f", 0xdead_beef_0a9f, "de:ad:be:ef:0a:9f"),
      ("FF:FF:FF:FF:FF:FF", 0xffff_ffff_ffff, "ff:ff:ff:ff:ff:ff"),
    ] as [(String, UInt64, String)])
  func reading(text: String, value: UInt64, printed: String) throws {
    let address = try MACAddress(parsing: text)
    #expect(address.rawValue == value)
    #expect(MACAddress(rawValue: value) == address)
    #expect(address.description == printed)
  }

  @Test(
    "anything else is refused, and the message names it",
    arguments: [
      "", ":", ":::::", "02:00:00:00:00", "02:00:00:00:00:", ":02:00:00:00:00", "02:00:00:00:00:01:",
      "02:00:00:00:00:0",
      "2:0:0:0:0:1", "02:00:00:00:00:1", "02:00:00:00:00:001", "002:00:00:00:00:1", "02:00:00:00:00:01:02",
      "02-00-00-00-00-01", "0200.0000.0001", "020000000001", "02:00:00:00:00-01", "02:00:00:00:00:0g",
      "02:00:00:00:00:+1", "02:00:00:00:00: 1", "0x:00:00:00:00:01", " 02:00:00:00:00:01", "02:00:00:00:00:01 ",
      "02:00:00:00:00:01\n", "02:00:00:00:00:0\0", "02：00:00:00:00:01", "02:00:00:00:00:0１", "02:00:00:00:00:0é",
      "02:00:00:00:00:01\u{301}", "::1", "00:00:00:00:00:00:00:00",
    ])
  func refusing(text: String) {
    #expect((try? MACAddress(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try MACAddress(parsing: text) }
    #expect(error?.kind == .macAddress)
    #expect(error?.message == "Invalid MAC address '\(text)': expected six two-digit hex octets separated by ':'")
  }

  @Test("octets and the number are two views of one address")
  func views() {
    let address = MACAddress(0x02, 0xfc, 0x01, 0x23, 0x45, 0x67)
    #expect(address.octets == [0x02, 0xfc, 0x01, 0x23, 0x45, 0x67])
    #expect(address.rawValue == 0x02fc_0123_4567)
    #expect(MACAddress(bytes: address.octets) == address)
  }

  @Test("bytes that are not six are no address", arguments: [0, 1, 5, 7, 8, 1000])
  func wrongCount(count: Int) {
    #expect(MACAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("a number of more than 48 bits is no address", arguments: [1 << 48, 1 << 63, .max] as [UInt64])
  func tooWide(value: UInt64) {
    #expect(MACAddress(rawValue: value) == nil)
  }

  @Test(
    "the two lowest bits of the first octet are the group and the local bit",
    arguments: [
      (0x00, false, false), (0x01, true, false), (0x02, false, true), (0x03, true, true), (0xfc, false, false),
      (0xff, true, true),
    ] as [(UInt8, Bool, Bool)])
  func bits(first: UInt8, isMulticast: Bool, isLocallyAdministered: Bool) {
    for rest in [0x00, 0xff] as [UInt8] {
      let address = MACAddress(first, rest, rest, rest, rest, rest)
      #expect(address.isMulticast == isMulticast)
      #expect(address.isLocallyAdministered == isLocallyAdministered)
    }
  }

  @Test("only the address of zeros is zero")
  func zero() {
    #expect(MACAddress(0, 0, 0, 0, 0, 0).isZero)
    #expect(!MACAddress(0, 0, 0, 0, 0, 1).isZero && !MACAddress(1, 0, 0, 0, 0, 0).isZero)
  }

  @Test("what is printed reads back as the same address, and order is that of the text")
  func roundTrip() {
    var generator = SeededGenerator(seed: 0x802)
    var previous = MACAddress.random(using: &generator)
    for _ in 0..<30_000 {
      let address = MACAddress.random(using: &generator)
      #expect((try? MACAddress(parsing: address.description)) == address)
      #expect((try? MACAddress(parsing: address.description.uppercased())) == address)
      #expect(MACAddress(bytes: address.octets) == address)
      #expect((previous < address) == (previous.description < address.description))
      previous = address
    }
  }

  @Test("of nearly right text, only six octets of two hex digits are accepted")
  func nearMisses() {
    var generator = SeededGenerator(seed: 0x48)
    var accepted = 0
    for _ in 0..<30_000 {
      let text = RandomText.nearly(MACAddress.random(using: &generator).description, using: &generator)
      let octets = text.unicodeScalars.split(separator: ":", omittingEmptySubsequences: false)
      let isRight =
        octets.count == 6
        && octets.allSatisfy { octet in
          octet.count == 2 && octet.allSatisfy { $0.isASCII && $0.properties.isASCIIHexDigit }
        }
      let address = try? MACAddress(parsing: text)
      #expect((address != nil) == isRight, "\(text.debugDescription)")
      guard let address else { continue }
      accepted += 1
      #expect(address.description == text.lowercased())
    }
    #expect(1_000..<29_000 ~= accepted)
  }
}
