import CLinux
import Netlink

/// Logs the packet, to the kernel log or to a group of nfnetlink listeners. NFTA_LOG_.
public struct Log: Hashable, Sendable {
  /// Where to log.
  public enum Destination: Hashable, Sendable {
    /// The kernel log, at a level of syslog(3): 4 is a warning.
    case kernel(level: UInt32)
    /// The listeners of an nfnetlink group. `snapLength` is the number of bytes copied of each packet, 0 for all;
    /// `queueThreshold` is the number of packets that are queued before they are sent.
    case group(UInt16, snapLength: UInt32 = 0, queueThreshold: UInt16 = 0)
  }

  /// The prefix, at most 127 bytes: NF_LOG_PREFIXLEN minus the terminating NUL.
  public var prefix: String?
  /// Where to log.
  public var destination = Destination.kernel(level: 4)
  /// The NF_LOG_ flags, which add information; for the kernel log only.
  public var flags: UInt32 = 0
}

extension Log: ExpressionBody {
  static let name = "log"

  func encode(into buffer: inout MessageBuffer) {
    if let prefix { buffer.put(NFTA_LOG_PREFIX, prefix) }
    switch destination {
    case .kernel(let level):
      buffer.put(NFTA_LOG_LEVEL, level)
      if flags != 0 { buffer.put(NFTA_LOG_FLAGS, flags) }
    case .group(let group, let snapLength, let queueThreshold):
      buffer.put(NFTA_LOG_GROUP, bytes: Datum.bigEndianBytes(group))
      if snapLength != 0 { buffer.put(NFTA_LOG_SNAPLEN, snapLength) }
      if queueThreshold != 0 { buffer.put(NFTA_LOG_QTHRESHOLD, bytes: Datum.bigEndianBytes(queueThreshold)) }
    }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    prefix = fields.string(NFTA_LOG_PREFIX)
    if let group: UInt16 = try fields.integer(NFTA_LOG_GROUP) {
      destination = .group(
        group, snapLength: try fields.integer(NFTA_LOG_SNAPLEN) ?? 0,
        queueThreshold: try fields.integer(NFTA_LOG_QTHRESHOLD) ?? 0)
    } else {
      destination = .kernel(level: try fields.integer(NFTA_LOG_LEVEL) ?? 4)
      flags = try fields.integer(NFTA_LOG_FLAGS) ?? 0
    }
  }
}
