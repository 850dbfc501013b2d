import TestKit
import Testing

@testable import Netlink

@Suite("Encoding messages")
struct MessageBufferTests {
  @Test("a message is its header and its body; the padding of an attribute is within it")
  func message() throws {
    var buffer = MessageBuffer()
    buffer.message(16, [.request, .acknowledge, .create, .exclusive], operation: "test") { message in
      message.append(UInt8(2))
      message.append(UInt16(0x1234))
      message.append(UInt8(0))
      message.attribute(3, "eth0")
    }
    let raw = try golden(
      """
      20 00 00 00  // length 32
      10 00        // type 16
      05 06        // NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL
      00 00 00 00  // sequence
      00 00 00 00  // port
      02 34 12 00  // body
      09 00        // attribute length 9: the NUL counts, the padding does not
      03 00        // attribute type 3
      65 74 68 30 00
      00 00 00     // padding
      """)
    #expect(buffer.bytes == raw)
  }

  @Test("an integer is written in host byte order, or in network byte order where that is asked for")
  func byteOrder() throws {
    var buffer = MessageBuffer()
    buffer.attribute(1, UInt32(0x0102_0304))
    buffer.attribute(2, bigEndian: UInt32(0x0102_0304))
    buffer.attribute(3, UInt8(7))
    buffer.attribute(4, Int32(-1))
    buffer.attribute(5, UInt64(1))
    let raw = try golden(
      """
      08 00 01 00 04 03 02 01
      08 00 02 00 01 02 03 04
      05 00 03 00 07 00 00 00
      08 00 04 00 ff ff ff ff
      0c 00 05 00 01 00 00 00 00 00 00 00
      """)
    #expect(buffer.bytes == raw)
  }

  @Test("a nest has the nested bit and the length of all that is in it; an open attribute has not the bit")
  func nest() throws {
    var buffer = MessageBuffer()
    buffer.nest(18) { outer in
      outer.attribute(1, "tun")
      outer.nest(2) { $0.flag(9) }
      outer.open(3) { $0.append(UInt16(0xabcd)) }
    }
    let raw = try golden(
      """
      1c 00 12 80              // nest 18, 28 bytes
        08 00 01 00 74 75 6e 00
        08 00 02 80            // nest 2, 8 bytes
          04 00 09 00          // flag 9: no payload
        06 00 03 00 cd ab 00 00
      """)
    #expect(buffer.bytes == raw)
  }

  @Test("an empty nest, an empty string and no bytes are whole attributes")
  func empty() throws {
    var buffer = MessageBuffer()
    buffer.nest(1) { _ in }
    buffer.attribute(2, "")
    buffer.attribute(3, bytes: [])
    #expect(try buffer.bytes == golden("04 00 01 80  05 00 02 00 00 00 00 00  04 00 03 00"))
  }

  @Test("bytes of any length are padded so that what follows is aligned", arguments: 0...9)
  func padding(count: Int) {
    var buffer = MessageBuffer()
    buffer.attribute(1, bytes: [UInt8](repeating: 0xff, count: count))
    #expect(buffer.bytes.count == 4 + (count + 3) / 4 * 4)
    #expect(buffer.bytes[0] == UInt8(4 + count))
    #expect(buffer.bytes.dropFirst(4 + count).allSatisfy { $0 == 0 })
  }

  @Test("messages stand one after another, padded to four bytes, and are numbered in their order")
  func several() throws {
    var buffer = MessageBuffer()
    buffer.message(1, .request, operation: "first") { $0.append(UInt8(1)) }
    buffer.message(2, .request, operation: "second") { $0.append(UInt8(2)) }
    buffer.number(from: 0xffff_ffff)
    let raw = try golden(
      """
      11 00 00 00 01 00 01 00 ff ff ff ff 00 00 00 00 01 00 00 00
      11 00 00 00 02 00 01 00 00 00 00 00 00 00 00 00 02 00 00 00  // sequence numbers wrap around
      """)
    #expect(buffer.bytes == raw)
    #expect(buffer.messages.map(\.operation) == ["first", "second"])
    #expect(buffer.messages.map(\.offset) == [0, 20])
  }

  @Test("an ack asked for afterwards is that of the last message, and no other")
  func acknowledgeLast() throws {
    var buffer = MessageBuffer()
    buffer.acknowledgeLast()
    #expect(buffer.bytes.isEmpty)
    buffer.message(1, .request, operation: "first") { _ in }
    buffer.message(2, [.request, .create], operation: "second") { _ in }
    buffer.acknowledgeLast()
    #expect(buffer.messages.map(\.flags) == [.request, [.request, .create, .acknowledge]])
    #expect(Array(buffer.bytes[6...7]) == [0x01, 0x00])
    #expect(Array(buffer.bytes[22...23]) == [0x05, 0x04])
  }

  @Test("an attribute that outgrows its length field is noticed, and not before", arguments: [65_531, 65_532])
  func oversized(count: Int) {
    var buffer = MessageBuffer()
    buffer.attribute(1, bytes: [UInt8](repeating: 0, count: count))
    #expect(buffer.isOversized == (count + 4 > 65_535))
  }

  @Test("a nest that outgrows its length field by what is in it is noticed")
  func oversizedNest() {
    var buffer = MessageBuffer()
    buffer.nest(1) { nest in
      for _ in 0..<4 { nest.attribute(2, bytes: [UInt8](repeating: 0, count: 20_000)) }
    }
    #expect(buffer.isOversized)
  }
}
