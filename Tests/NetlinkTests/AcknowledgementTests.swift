import Linux
import TestKit
import Testing

@testable import Netlink

/// What a kernel 6.18 answered, with NETLINK_EXT_ACK, NETLINK_CAP_ACK and strict checking on.
@Suite("Acks")
struct AcknowledgementTests {
  private func acknowledgement(_ bytes: [UInt8]) throws -> Acknowledgement {
    var read: [Acknowledgement] = []
    try unsafe bytes.span.bytes.forEachMessage { header, payload throws(DecodingFailure) in
      read.append(try Acknowledgement(header: header, payload: payload))
    }
    try #require(read.count == 1)
    return read[0]
  }

  @Test("a code of zero is success")
  func success() throws {
    let ack = try acknowledgement(
      golden(
        """
        24 00 00 00 02 00 00 01 01 00 00 00 1d 03 00 00  // NLMSG_ERROR, NLM_F_CAPPED
        00 00 00 00                                      // code 0
        20 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00  // the request's header
        """))
    #expect(ack.errno == nil)
    #expect(ack.kernelMessage == nil)
  }

  @Test("a negative code is an error number")
  func failure() throws {
    let ack = try acknowledgement(
      golden(
        """
        24 00 00 00 02 00 00 01 01 00 00 00 1d 03 00 00  // NLMSG_ERROR, NLM_F_CAPPED
        ed ff ff ff                                      // -19
        20 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00  // the request's header
        """))
    #expect(ack.errno == .noSuchDevice)
    #expect(ack.kernelMessage == nil)
  }

  @Test("the kernel's words are kept")
  func words() throws {
    let ack = try acknowledgement(
      golden(
        """
        3c 00 00 00 02 00 00 03 01 00 00 00 1d 03 00 00  // NLMSG_ERROR, NLM_F_CAPPED, NLM_F_ACK_TLVS
        a1 ff ff ff                                      // -95
        3c 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00  // the request's header
        18 00 01 00                                      // NLMSGERR_ATTR_MSG
          55 6e 6b 6e 6f 77 6e 20 64 65 76 69 63 65 20 74 79 70 65 00
        """))
    #expect(ack.errno == .notSupported)
    #expect(ack.kernelMessage == "Unknown device type")
    #expect(ack.offset == nil)
  }

  @Test("the offset of the offending attribute is kept, and what is not known is passed over")
  func offset() throws {
    let ack = try acknowledgement(
      golden(
        """
        78 00 00 00 02 00 00 03 01 00 00 00 1d 03 00 00  // NLMSG_ERROR, NLM_F_CAPPED, NLM_F_ACK_TLVS
        de ff ff ff                                      // -34
        28 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00  // the request's header
        27 00 01 00                                      // NLMSGERR_ATTR_MSG
          41 74 74 72 69 62 75 74 65 20 66 61 69 6c 65 64 20 70 6f 6c 69 63 79 20
          76 61 6c 69 64 61 74 69 6f 6e 00 00
        08 00 02 00 20 00 00 00                          // NLMSGERR_ATTR_OFFS 32
        24 00 04 80                                      // NLMSGERR_ATTR_POLICY
          0c 00 04 00 00 00 00 00 00 00 00 00
          0c 00 05 00 ff ff ff ff 00 00 00 00
          08 00 01 00 04 00 00 00
        """))
    #expect(ack.errno == Errno(rawValue: 34))
    #expect(ack.kernelMessage == "Attribute failed policy validation")
    #expect(ack.offset == 32)
  }

  @Test("where the whole request is echoed, the attributes stand after it")
  func echoed() throws {
    let ack = try acknowledgement(
      golden(
        """
        34 00 00 00 02 00 00 02 01 00 00 00 1d 03 00 00  // NLMSG_ERROR, NLM_F_ACK_TLVS
        ea ff ff ff                                      // -22
        15 00 00 00 10 00 05 00 01 00 00 00 00 00 00 00  // the request, 21 bytes
          01 02 03 04 05 00 00 00                        // its body and padding
        08 00 02 00 14 00 00 00                          // NLMSGERR_ATTR_OFFS 20
        """))
    #expect(ack.errno == .invalidArgument)
    #expect(ack.offset == 20)
  }

  @Test("an echo that says it is longer than the answer gives no attributes, and no trap")
  func lyingEcho() throws {
    let ack = try acknowledgement(
      golden(
        """
        24 00 00 00 02 00 00 02 01 00 00 00 1d 03 00 00
        ea ff ff ff
        ff ff ff ff 10 00 05 00 01 00 00 00 00 00 00 00
        """))
    #expect(ack.errno == .invalidArgument)
    #expect(ack.kernelMessage == nil)
  }

  @Test("a code that no error number has the negative of does not trap")
  func extremeCode() throws {
    let bytes =
      try golden("24 00 00 00 02 00 00 01 01 00 00 00 00 00 00 00  00 00 00 80  ") + [UInt8](repeating: 0, count: 16)
    #expect(try acknowledgement(bytes).errno == Errno(rawValue: .min))
  }

  @Test("a dump that broke off says why in its last message")
  func done() throws {
    let bytes = try golden("fc ff ff ff")
    #expect(try unsafe Acknowledgement(done: bytes.span.bytes).errno == .interrupted)
  }
}
