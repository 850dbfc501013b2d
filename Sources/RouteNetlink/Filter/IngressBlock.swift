import CLinux
import Netlink

/// A block of filters for a link's ingress packets. It runs before the bridge, netfilter and IP. Many links can share one
/// block, and so one copy of its filters: tc(8), `ingress_block`.
public struct IngressBlock: Hashable, Sendable {
  /// The index of the link.
  public var linkIndex: Int32
  /// TCA_INGRESS_BLOCK: the block's index, unique in the network namespace. nil if the link's filters are not shared.
  public var number: UInt32?

  /// An ingress block of a link.
  public init(_ number: UInt32?, linkIndex: Int32) {
    self.number = number
    self.linkIndex = linkIndex
  }

  static let kind = "clsact"

  /// Decodes the payload of an RTM_NEWQDISC message. Returns nil for an egress qdisc.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let linkIndex: Int32 = try payload.integer(at: 4)
    guard try payload.integer(at: 12) == TrafficHandle.ingress else { return nil }
    var number: UInt32?
    try payload.forEachAttribute(from: TrafficHandle.headerSize) { type, value throws(DecodingFailure) in
      if Int(type) == TCA_INGRESS_BLOCK { number = try value.exactly() }
    }
    self.init(number, linkIndex: linkIndex)
  }
}
