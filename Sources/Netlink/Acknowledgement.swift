import CLinux
import Linux

/// `struct nlmsgerr` and its extended-ack attributes: the kernel's answer to one message.
struct Acknowledgement: Hashable, Sendable {
  /// nil when the message was carried out.
  var errno: Errno?
  var kernelMessage: String?
  var offset: UInt32?

  /// The code that ends a dump: NLMSG_DONE.
  init(done payload: RawSpan) throws(DecodingFailure) {
    errno = Self.errno(try payload.integer())
  }

  init(header: MessageHeader, payload: RawSpan) throws(DecodingFailure) {
    errno = Self.errno(try payload.integer())
    guard header.flags.contains(.acknowledgementAttributes) else { return }
    // The request follows the code, whole or cut to its header; then the attributes.
    let echoed = Int(try payload.integer(at: 4, as: UInt32.self))
    let start = 4 + (header.flags.contains(.capped) ? MessageHeader.size : (echoed + 3) & ~3)
    var kernelMessage: String?
    var offset: UInt32?
    try payload.forEachAttribute(from: start) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case Int(NLMSGERR_ATTR_MSG.rawValue): kernelMessage = value.string
      case Int(NLMSGERR_ATTR_OFFS.rawValue): offset = try value.exactly()
      default: break
      }
    }
    self.kernelMessage = kernelMessage
    self.offset = offset
  }

  /// The error that this answer is, to the message at a place of its batch; nil where it was carried out.
  func failure(of entry: MessageBuffer.Entry, at index: Int, _ header: MessageHeader) -> NetlinkError? {
    guard let errno else { return nil }
    return NetlinkError(
      operation: entry.operation, errno: errno, kernelMessage: kernelMessage, offset: offset,
      sequence: header.sequence, index: index)
  }

  private static func errno(_ code: Int32) -> Errno? {
    code < 0 ? Errno(rawValue: 0 &- code) : nil
  }
}
