import TestKit
import Testing

@testable import Netlink

@Suite("Decoding")
struct DecodingTests {
  private func attributes(_ bytes: [UInt8], from start: Int = 0) throws(DecodingFailure) -> [RawAttribute] {
    var attributes: [RawAttribute] = []
    try unsafe bytes.span.bytes.forEachAttribute(from: start) { type, payload throws(DecodingFailure) in
      attributes.append(RawAttribute(type: type, payload: payload.array))
    }
    return attributes
  }

  @Test("attributes are read with their padding skipped and their flag bits taken off")
  func attributes() throws {
    let bytes = try golden(
      """
      05 00 01 00 07 00 00 00  // one byte, padded
      04 00 02 00              // nothing
      08 00 03 80 01 02 03 04  // NLA_F_NESTED
      06 00 04 40 05 06        // NLA_F_NET_BYTEORDER; the last one needs no padding
      """)
    #expect(
      try attributes(bytes) == [
        RawAttribute(type: 1, payload: [7]), RawAttribute(type: 2, payload: []),
        RawAttribute(type: 3, payload: [1, 2, 3, 4]), RawAttribute(type: 4, payload: [5, 6]),
      ])
  }

  @Test("attributes are read from where they start, and there are none beyond the end", arguments: [4, 8, 9, 100])
  func start(offset: Int) throws {
    let bytes = try golden("ff ff ff ff 04 00 07 00")
    #expect(try attributes(bytes, from: offset) == (offset == 4 ? [RawAttribute(type: 7, payload: [])] : []))
  }

  @Test("an attribute that says it is shorter than its header is refused, so it never loops", arguments: 0...3)
  func tooShort(length: Int) {
    #expect(throws: DecodingFailure.self) { try attributes([UInt8(length), 0, 1, 0, 0, 0, 0, 0]) }
  }

  @Test("an attribute that says it is longer than what is there is refused")
  func tooLong() {
    #expect(throws: DecodingFailure("attribute 1 has length 9, but only 8 bytes are left")) {
      try attributes([9, 0, 1, 0, 0, 0, 0, 0])
    }
    #expect(throws: DecodingFailure("attribute 2 has length 65535, but only 4 bytes are left")) {
      try attributes([4, 0, 1, 0, 0xff, 0xff, 2, 0])
    }
  }

  @Test("what the body throws ends the walk")
  func bodyThrows() throws {
    var count = 0
    let bytes = try golden("04 00 01 00  04 00 02 00")
    #expect(throws: DecodingFailure("enough")) {
      try unsafe bytes.span.bytes.forEachAttribute { _, _ throws(DecodingFailure) in
        count += 1
        throw DecodingFailure("enough")
      }
    }
    #expect(count == 1)
  }

  @Test("an integer is read wherever it lies within, in either byte order, and nowhere else")
  func integers() throws {
    let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05]
    let span = unsafe bytes.span.bytes
    #expect(try span.integer(at: 1, as: UInt32.self) == 0x0504_0302)
    #expect(try span.bigEndian(at: 1, as: UInt32.self) == 0x0203_0405)
    for offset in [-1, 2, 5, Int.max, Int.min] {
      #expect(throws: DecodingFailure.self) { try unsafe bytes.span.bytes.integer(at: offset, as: UInt32.self) }
    }
    #expect(throws: DecodingFailure.self) { try unsafe bytes.span.bytes.integer(as: UInt64.self) }
  }

  @Test("an attribute's integer has exactly its size")
  func exactly() throws {
    let bytes: [UInt8] = [1, 0, 0, 0]
    #expect(try unsafe bytes.span.bytes.exactly(UInt32.self) == 1)
    #expect(throws: DecodingFailure.self) { try unsafe bytes.span.bytes.exactly(UInt16.self) }
    #expect(throws: DecodingFailure.self) { try unsafe bytes.span.bytes.exactly(UInt64.self) }
  }

  @Test(
    "a string ends at its NUL or where the bytes end, and what is not UTF-8 is repaired",
    arguments: [
      ([0x65, 0x74, 0x68, 0x30, 0x00], "eth0"), ([0x65, 0x00, 0x68], "e"), ([0x65, 0x74], "et"), ([], ""),
      ([0x00], ""), ([0x61, 0xff, 0x62, 0x00], "a\u{fffd}b"),
    ] as [([UInt8], String)])
  func string(bytes: [UInt8], text: String) {
    #expect(unsafe bytes.span.bytes.string == text)
  }

  @Test("what is encoded is decoded again", arguments: 1...4)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 { try roundTrip(&generator) }
  }

  private func roundTrip(_ generator: inout SeededGenerator) throws {
    let written = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
      RawAttribute(type: .random(in: 0...0x3fff, using: &generator), payload: generator.bytes(upTo: 40))
    }
    var buffer = MessageBuffer()
    for one in written { buffer.attribute(one.type, bytes: one.payload) }
    #expect(try attributes(buffer.bytes) == written)
  }
}

@Suite("Decoding whatever comes")
struct HostileBytesTests {
  /// Reads everything there is to read, as deep as it goes.
  private func read(_ span: RawSpan, depth: Int = 0) throws(DecodingFailure) {
    try span.forEachAttribute { _, payload throws(DecodingFailure) in
      _ = payload.string
      _ = payload.array
      _ = try? payload.exactly(UInt32.self)
      _ = try? payload.bigEndian(at: 2, as: UInt16.self)
      // A payload that is no nest is the usual case here.
      do throws(DecodingFailure) { if depth < 8 { try read(payload, depth: depth + 1) } } catch {}
    }
  }

  private func readMessages(_ bytes: [UInt8]) -> Int {
    var messages = 0
    do throws(DecodingFailure) {
      try unsafe bytes.span.bytes.forEachMessage { header, payload throws(DecodingFailure) in
        messages += 1
        _ = try? Acknowledgement(header: header, payload: payload)
        _ = try? Acknowledgement(done: payload)
        do throws(DecodingFailure) { try read(payload) } catch {}
      }
    } catch {}
    return messages
  }

  @Test("random bytes never trap and never loop")
  func random() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let bytes = generator.bytes(upTo: 96)
      _ = readMessages(bytes)
      do throws(DecodingFailure) { try unsafe read(bytes.span.bytes) } catch {}
    }
  }

  @Test("a good message with bytes changed or cut off never traps")
  func mutated() throws {
    var buffer = MessageBuffer()
    for type in [2, 3, 16] as [UInt16] {
      buffer.message(type, [.acknowledgementAttributes, .capped], operation: "test") { message in
        message.append(Int32(-22))
        message.append(UInt32(20))
        message.append(UInt64(0))
        message.append(UInt32(0))
        message.attribute(1, "words")
        message.nest(2) { $0.nest(3) { $0.attribute(4, UInt64(5)) } }
      }
    }
    var whole = 0
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      var bytes = buffer.bytes
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        bytes[.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      bytes.removeLast(.random(in: 0...8, using: &generator))
      if readMessages(bytes) == 3 { whole += 1 }
    }
    // Else the test would have read nothing.
    #expect(whole > 1000)
  }
}
