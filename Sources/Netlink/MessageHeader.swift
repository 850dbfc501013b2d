import CLinux

/// NLM_F_ flags of a netlink message.
public struct MessageFlags: OptionSet, Sendable, Hashable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let request = MessageFlags(rawValue: UInt16(NLM_F_REQUEST))
  public static let multi = MessageFlags(rawValue: UInt16(NLM_F_MULTI))
  public static let acknowledge = MessageFlags(rawValue: UInt16(NLM_F_ACK))
  public static let echo = MessageFlags(rawValue: UInt16(NLM_F_ECHO))
  public static let dumpInterrupted = MessageFlags(rawValue: UInt16(NLM_F_DUMP_INTR))
  /// NLM_F_ROOT and NLM_F_MATCH: the whole table.
  public static let dump = MessageFlags(rawValue: UInt16(NLM_F_DUMP))
  public static let replace = MessageFlags(rawValue: UInt16(NLM_F_REPLACE))
  public static let exclusive = MessageFlags(rawValue: UInt16(NLM_F_EXCL))
  public static let create = MessageFlags(rawValue: UInt16(NLM_F_CREATE))
  public static let append = MessageFlags(rawValue: UInt16(NLM_F_APPEND))
  /// On an answer: it carries extended-ack attributes.
  public static let acknowledgementAttributes = MessageFlags(rawValue: UInt16(NLM_F_ACK_TLVS))
  /// On an answer: the request that it echoes was cut to its header.
  public static let capped = MessageFlags(rawValue: UInt16(NLM_F_CAPPED))
}

/// `struct nlmsghdr`: the 16 bytes before every message.
public struct MessageHeader: Sendable, Hashable {
  public var length: UInt32
  public var type: UInt16
  public var flags: MessageFlags
  public var sequence: UInt32
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
