import CLinux
import Linux

/// The kernel's answer to one message: `struct nlmsgerr` and its extended ack attributes (linux/netlink.h).
struct Acknowledgement: Hashable, Sendable {
  /// nil if the kernel carried out the message.
  var errno: Errno?
  /// NLMSGERR_ATTR_MSG.
  var kernelMessage: String?
  /// NLMSGERR_ATTR_OFFS: the offset of the offending attribute in the request, in bytes.
  var offset: UInt32?

  /// Decodes the payload of NLMSG_DONE, which ends a dump: an error code.
  init(done payload: RawSpan) throws(DecodingFailure) {
    errno = Self.errno(try payload.integer())
  }

  /// Decodes the payload of NLMSG_ERROR.
  init(header: MessageHeader, payload: RawSpan) throws(DecodingFailure) {
    errno = Self.errno(try payload.integer())
    guard header.flags.contains(.acknowledgementAttributes) else { return }
    // The code is followed by the request, either whole or cut to its header (NLM_F_CAPPED), and then the attributes.
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

  /// Returns the error for the message at `index` of its batch; nil if the kernel carried it out.
  func failure(of entry: MessageBuffer.Entry, at index: Int, _ header: MessageHeader) -> KernelError? {
    guard let errno else { return nil }
    return KernelError(
      operation: entry.operation, errno: errno, kernelMessage: kernelMessage, offset: offset,
      sequence: header.sequence, index: index)
  }

  private static func errno(_ code: Int32) -> Errno? {
    code < 0 ? Errno(rawValue: 0 &- code) : nil
  }
}
