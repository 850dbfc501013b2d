import CLinux
import Netlink

/// A block of filters that looks at all that comes in by a link, before the link's bridge, netfilter and IP do. Many links
/// share one block, whose filters are there once: tc(8), `ingress_block`.
public struct IngressBlock: Hashable, Sendable {
  public var linkIndex: Int32
  /// TCA_INGRESS_BLOCK: the block's number in its network namespace; nil for filters of the link's own.
  public var number: UInt32?

  public init(_ number: UInt32?, linkIndex: Int32) {
    self.number = number
    self.linkIndex = linkIndex
  }

  static let kind = "clsact"

  /// Decodes the payload of an RTM_NEWQDISC message; nil for a discipline of packets that a link sends.
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
