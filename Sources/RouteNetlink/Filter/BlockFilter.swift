import CLinux
import Netlink

/// A filter of a block: a BPF program that decides by what it returns (`direct-action`). tc-bpf(8).
public struct BlockFilter: Hashable, Sendable {
  /// The block's number.
  public var block: UInt32
  /// TCA_BPF_NAME.
  public var name: String
  /// The order in which a block's filters are asked; the lowest comes first.
  public var priority: UInt16
  /// Tells the filters of one priority apart.
  public var handle: UInt32

  public init(_ name: String, in block: UInt32, priority: UInt16 = 1, handle: UInt32 = 1) {
    self.name = name
    self.block = block
    self.priority = priority
    self.handle = handle
  }

  static let kind = "bpf"

  /// ETH_P_ALL in network byte order, below the priority.
  var info: UInt32 { UInt32(priority) << 16 | UInt32(UInt16(ETH_P_ALL).bigEndian) }

  /// Decodes the payload of an RTM_NEWTFILTER message; nil for a filter of another kind, and for what tells of a priority
  /// as a whole.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let handle: UInt32 = try payload.integer(at: 8)
    let info: UInt32 = try payload.integer(at: 16)
    let block: UInt32 = try payload.integer(at: 12)
    var kind = ""
    var name: String?
    try payload.forEachAttribute(from: TrafficHandle.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case TCA_KIND: kind = value.string
      case TCA_OPTIONS:
        try value.forEachAttribute { type, value throws(DecodingFailure) in
          if Int(type) == TCA_BPF_NAME { name = value.string }
        }
      default: break
      }
    }
    guard kind == Self.kind, handle != 0 else { return nil }
    self.init(name ?? "", in: block, priority: UInt16(truncatingIfNeeded: info >> 16), handle: handle)
  }
}
