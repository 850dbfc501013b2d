import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Address messages")
struct AddressMessageTests {
  private func decode(_ bytes: some Collection<UInt8>) throws(DecodingFailure) -> InterfaceAddress? {
    try Array(bytes).decoded { span throws(DecodingFailure) in try InterfaceAddress(decoding: span) }
  }

  private func gateway() -> InterfaceAddress {
    var address = InterfaceAddress(.v4(IPv4Address(172, 30, 0, 1)), prefixLength: 24, linkIndex: 2)
    address.broadcast = IPv4Address(172, 30, 0, 255)
    return address
  }

  @Test("setting an IPv4 address says it as local and as prefix address, and its broadcast address")
  func replace() throws {
    let address = gateway()
    let raw = try golden(
      """
      30 00 00 00 14 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWADDR, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      02 18 00 00 02 00 00 00                          // ifaddrmsg: AF_INET, /24, no flags, universe, index 2
      08 00 02 00 ac 1e 00 01                          // IFA_LOCAL 172.30.0.1
      08 00 01 00 ac 1e 00 01                          // IFA_ADDRESS 172.30.0.1
      08 00 04 00 ac 1e 00 ff                          // IFA_BROADCAST 172.30.0.255
      """)
    #expect(bytes { $0.replace(address) } == raw)
    #expect(try decode(raw.dropFirst(16)) == address)
  }

  @Test("an IPv6 address has sixteen bytes, and its flags in the header")
  func ipv6() throws {
    var address = InterfaceAddress(
      .v6(try IPv6Address(parsing: "fd00::1")), prefixLength: 64, linkIndex: 2)
    address.skipsDuplicateDetection = true
    let raw = try golden(
      """
      40 00 00 00 14 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWADDR, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      0a 40 02 00 02 00 00 00                          // ifaddrmsg: AF_INET6, /64, IFA_F_NODAD, universe, index 2
      14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_LOCAL
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_ADDRESS
      """)
    #expect(bytes { $0.replace(address) } == raw)
    #expect(try decode(raw.dropFirst(16)) == address)
  }

  @Test("what the kernel tells of an address is read")
  func kernel() throws {
    let raw = try golden(
      """
      02 20 80 00 05 00 00 00                                      // AF_INET, /32, IFA_F_PERMANENT, universe, index 5
      08 00 01 00 c6 33 64 02                                      // IFA_ADDRESS 198.51.100.2: the peer's
      08 00 02 00 c6 33 64 01                                      // IFA_LOCAL 198.51.100.1
      07 00 03 00 76 61 00 00                                      // IFA_LABEL "va"
      08 00 08 00 80 00 00 00                                      // IFA_FLAGS IFA_F_PERMANENT
      14 00 06 00 ff ff ff ff ff ff ff ff 72 14 04 00 72 14 04 00  // IFA_CACHEINFO: for ever
      """)
    let address = try #require(try decode(raw))
    #expect(address.address == .v4(IPv4Address(198, 51, 100, 1)))
    #expect(address.prefixLength == 32)
    #expect(address.linkIndex == 5)
    #expect(address.broadcast == nil)
  }

  @Test("an IPv6 address of the kernel's has no IFA_LOCAL")
  func kernelIPv6() throws {
    let raw = try golden(
      """
      0a 40 82 fd 02 00 00 00                                      // AF_INET6, /64, link, index 2
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_ADDRESS
      08 00 08 00 82 02 00 00                                      // NODAD, PERMANENT, NOPREFIXROUTE
      """)
    let address = try #require(try decode(raw))
    #expect(address.address == .v6(try IPv6Address(parsing: "fd00::1")))
    #expect(address.skipsDuplicateDetection)
  }

  @Test("an address of another family is passed over; one without an address, or of the wrong size, is refused")
  func strange() throws {
    #expect(try decode(golden("07 18 00 00 02 00 00 00")) == nil)
    #expect(throws: DecodingFailure.self) { try decode(golden("02 18 00 00 02 00 00 00")) }
    #expect(throws: DecodingFailure.self) {
      try decode(golden("0a 40 00 00 02 00 00 00  08 00 01 00 c6 33 64 02"))
    }
  }

  @Test("operations say which address and which link")
  func words() {
    var batch = RouteBatch()
    let address = gateway()
    batch.replace(address, linkName: "svbr0")
    batch.replace(address)
    #expect(
      batch.operations == [
        "set address 172.30.0.1/24 of svbr0", "set address 172.30.0.1/24 of link 2",
      ])
  }
}
