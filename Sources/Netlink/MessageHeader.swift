import CLinux

/// The flags of a netlink message: NLM_F_ in linux/netlink.h.
public struct MessageFlags: OptionSet, Sendable, Hashable {
  /// nlmsg_flags.
  public var rawValue: UInt16

  /// Flags from nlmsg_flags.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// NLM_F_REQUEST: a request to the kernel.
  public static let request = MessageFlags(rawValue: UInt16(NLM_F_REQUEST))
  /// NLM_F_MULTI: one of several messages that NLMSG_DONE ends.
  public static let multi = MessageFlags(rawValue: UInt16(NLM_F_MULTI))
  /// NLM_F_ACK: asks for an ack.
  public static let acknowledge = MessageFlags(rawValue: UInt16(NLM_F_ACK))
  /// NLM_F_ECHO: asks the kernel to echo the change back.
  public static let echo = MessageFlags(rawValue: UInt16(NLM_F_ECHO))
  /// NLM_F_DUMP_INTR: a change made the dump inconsistent.
  public static let dumpInterrupted = MessageFlags(rawValue: UInt16(NLM_F_DUMP_INTR))
  /// NLM_F_DUMP, which is NLM_F_ROOT and NLM_F_MATCH: the whole table.
  public static let dump = MessageFlags(rawValue: UInt16(NLM_F_DUMP))
  /// NLM_F_REPLACE: replace an existing object.
  public static let replace = MessageFlags(rawValue: UInt16(NLM_F_REPLACE))
  /// NLM_F_EXCL: fail with EEXIST if the object exists.
  public static let exclusive = MessageFlags(rawValue: UInt16(NLM_F_EXCL))
  /// NLM_F_CREATE: create the object if it does not exist.
  public static let create = MessageFlags(rawValue: UInt16(NLM_F_CREATE))
  /// NLM_F_APPEND: add to the end of the list.
  public static let append = MessageFlags(rawValue: UInt16(NLM_F_APPEND))
  /// NLM_F_ACK_TLVS: this answer has extended ack attributes.
  public static let acknowledgementAttributes = MessageFlags(rawValue: UInt16(NLM_F_ACK_TLVS))
  /// NLM_F_CAPPED: the request echoed in this answer is cut to its header.
  public static let capped = MessageFlags(rawValue: UInt16(NLM_F_CAPPED))
}

/// `struct nlmsghdr`, the 16-byte header of every netlink message. All fields are in host byte order.
public struct MessageHeader: Sendable, Hashable {
  /// The length of the message in bytes, with this header.
  public var length: UInt32
  /// The message type: NLMSG_ or that of the netlink family.
  public var type: UInt16
  /// The NLM_F_ flags.
  public var flags: MessageFlags
  /// The sequence number; an answer has that of its request.
  public var sequence: UInt32
  /// The port id (nlmsg_pid).
  public var port: UInt32

  static let size = 16
  static let flagsOffset = 6
  static let sequenceOffset = 8

  init(decoding span: RawSpan) throws(DecodingFailure) {
    length = try span.integer(at: 0)
    type = try span.integer(at: 4)
    flags = MessageFlags(rawValue: try span.integer(at: Self.flagsOffset))
    sequence = try span.integer(at: Self.sequenceOffset)
    port = try span.integer(at: 12)
  }
}
