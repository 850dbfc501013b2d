import TestKit
import Testing

@testable import Netlink

@Suite("Messages in a datagram")
struct MessageTests {
  private func messages(_ bytes: [UInt8]) throws(DecodingFailure) -> [(MessageHeader, [UInt8])] {
    var messages: [(MessageHeader, [UInt8])] = []
    try unsafe bytes.span.bytes.forEachMessage { header, payload throws(DecodingFailure) in
      messages.append((header, payload.array))
    }
    return messages
  }

  @Test("each message is handed out with its header and its payload without padding")
  func several() throws {
    let bytes = try golden(
      """
      12 00 00 00 10 00 02 00 07 00 00 00 00 00 00 00 aa bb 00 00  // 18 bytes of type 16, NLM_F_MULTI, sequence 7
      14 00 00 00 03 00 02 00 07 00 00 00 01 00 00 00 00 00 00 00  // NLMSG_DONE to port 1
      """)
    let read = try messages(bytes)
    #expect(read.map(\.0.type) == [16, 3])
    #expect(read.map(\.0.flags) == [.multi, .multi])
    #expect(read.map(\.0.sequence) == [7, 7])
    #expect(read.map(\.0.port) == [0, 1])
    #expect(read.map(\.1) == [[0xaa, 0xbb], [0, 0, 0, 0]])
  }

  @Test("a message that says it is shorter than its header is refused, so it never loops", arguments: 0...15)
  func tooShort(length: UInt8) {
    #expect(throws: DecodingFailure.self) { try messages([length] + [UInt8](repeating: 0, count: 31)) }
  }

  @Test("a message that says it is longer than the datagram is refused", arguments: [17, 255] as [UInt8])
  func tooLong(length: UInt8) {
    #expect(throws: DecodingFailure.self) { try messages([length] + [UInt8](repeating: 0, count: 15)) }
  }

  @Test("a length of four gigabytes is refused")
  func huge() {
    #expect(throws: DecodingFailure.self) {
      try messages([0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 12))
    }
  }
}
