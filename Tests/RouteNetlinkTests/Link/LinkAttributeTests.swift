import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Attributes of links, both ways")
struct LinkAttributeTests {
  @Test("a port's attributes are read and written alike")
  func bridgePort() throws {
    var port = BridgePortAttributes()
    port.learning = true
    port.unicastFlood = false
    port.groupForwardMask = 0xfffd
    port.isIsolated = true
    let raw = try golden(
      """
      05 00 08 00 01 00 00 00  // IFLA_BRPORT_LEARNING 1
      05 00 09 00 00 00 00 00  // IFLA_BRPORT_UNICAST_FLOOD 0
      06 00 1f 00 fd ff 00 00  // IFLA_BRPORT_GROUP_FWD_MASK 0xfffd
      05 00 21 00 01 00 00 00  // IFLA_BRPORT_ISOLATED 1
      """)
    #expect(payload { $0.append(port) } == raw)
    #expect(try raw.decoded { span throws(DecodingFailure) in try BridgePortAttributes(decoding: span) } == port)
  }

  @Test("a port that is not a bridge's, and an attribute of the wrong size, are not guessed at")
  func wrongSize() throws {
    let raw = try golden("06 00 21 00 01 00 00 00")
    #expect(throws: DecodingFailure.self) {
      try raw.decoded { span throws(DecodingFailure) in try BridgePortAttributes(decoding: span) }
    }
  }
}
