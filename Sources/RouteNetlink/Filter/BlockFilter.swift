import CLinux
import Netlink

/// A BPF filter of a shared block, in `direct-action` mode: the program's return value is the verdict. tc-bpf(8).
public struct BlockFilter: Hashable, Sendable {
  /// The index of the block.
  public var block: UInt32
  /// TCA_BPF_NAME.
  public var name: String
  /// The filters of a block run in ascending order of priority.
  public var priority: UInt16
  /// Distinguishes the filters of one priority.
  public var handle: UInt32

  /// A filter of a block.
  /// - Parameters:
  ///   - name: TCA_BPF_NAME.
  ///   - block: The index of the block.
  ///   - priority: The filter's priority.
  ///   - handle: The filter's handle, not 0.
  public init(_ name: String, in block: UInt32, priority: UInt16 = 1, handle: UInt32 = 1) {
    self.name = name
    self.block = block
    self.priority = priority
    self.handle = handle
  }

  static let kind = "bpf"

  /// tcm_info: the priority in the upper half, ETH_P_ALL in network byte order in the lower half.
  var info: UInt32 { UInt32(priority) << 16 | UInt32(UInt16(ETH_P_ALL).bigEndian) }

  /// Decodes the payload of an RTM_NEWTFILTER message. Returns nil for a filter of another kind, and for the message that
  /// describes a priority as a whole (handle 0).
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
