import Linux

@testable import Netlink

extension FuzzTarget {
  /// A datagram: its messages, each read as an acknowledgement, as the end of a dump, and as nests of attributes.
  static let netlink = FuzzTarget("netlink", longest: 512) { bytes in
    var read = 0
    _ = bytes.decoded { span throws(DecodingFailure) in
      try span.forEachMessage { header, payload throws(DecodingFailure) in
        read += MessageHeader.size + payload.byteCount
        hold(read <= bytes.count, "no byte belongs to two messages")
        hold(payload.byteCount == Int(header.length) - MessageHeader.size, "a payload is as long as its header says")
        checkAcknowledgement(header, payload)
        try checkAttributes(payload, depth: 0)
      }
    }
  }

  private static func checkAcknowledgement(_ header: MessageHeader, _ payload: RawSpan) {
    let bytes = payload.array
    check(
      bytes.decoded { span throws(DecodingFailure) in try Acknowledgement(header: header, payload: span) }, header)
    check(bytes.decoded { span throws(DecodingFailure) in try Acknowledgement(done: span) }, header)
  }

  private static func check(_ answer: Acknowledgement?, _ header: MessageHeader) {
    guard let answer else { return }
    let entry = MessageBuffer.Entry(offset: 0, flags: .acknowledge, operation: "try")
    let failure = answer.failure(of: entry, at: 0, header)
    hold((failure == nil) == (answer.errno == nil), "an error is what has an errno")
    hold(failure.map { !$0.description.isEmpty } ?? true, "an error has words")
  }

  private static func checkAttributes(_ span: RawSpan, depth: Int) throws(DecodingFailure) {
    var total = 0
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      total += 4 + value.byteCount
      hold(total <= span.byteCount, "no byte belongs to two attributes")
      hold(type <= 0x3fff, "flag bits are no part of the type")
      hold(value.string.utf8.allSatisfy { $0 != 0 }, "a string ends at its NUL")
      let number: UInt32? = value.array.decoded { span throws(DecodingFailure) in try span.exactly() }
      hold((number != nil) == (value.byteCount == 4), "an integer has its size")
      if depth < 8 {
        _ = value.array.decoded { span throws(DecodingFailure) in try checkAttributes(span, depth: depth + 1) }
      }
    }
  }
}
