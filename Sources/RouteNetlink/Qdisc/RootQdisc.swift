import CLinux
public import Netlink

/// What a link does with the packets that it is to send: the queueing discipline at its root, where it is not the one that
/// the kernel gives every link. RTM_NEWQDISC, tc(8).
public struct RootQdisc: Hashable, Sendable {
  /// What it does. `Kind.other` is one that this code does not know, or has not the words for, as it was read.
  public enum Kind: Hashable, Sendable {
    case tokenBucket(TokenBucket)
    case other(name: String, options: [UInt8])

    /// TCA_KIND: `tbf`.
    public var name: String {
      switch self {
      case .tokenBucket: TokenBucket.name
      case .other(let name, _): name
      }
    }
  }

  public var linkIndex: Int32
  public var kind: Kind
  /// All other TCA_ attributes but statistics, in the kernel's order.
  public var other: [RawAttribute] = []

  public init(_ kind: Kind, linkIndex: Int32) {
    self.linkIndex = linkIndex
    self.kind = kind
  }

  /// As it is read back, and without attributes that this code does not know. What was written equals what is read when
  /// their normal forms do.
  public var normalForm: RootQdisc {
    guard case .tokenBucket(let bucket) = kind else { return RootQdisc(kind, linkIndex: linkIndex) }
    return RootQdisc(.tokenBucket(bucket.normalForm), linkIndex: linkIndex)
  }

  /// Decodes the payload of an RTM_NEWQDISC message; nil for a discipline that is no link's root, or that the kernel
  /// gave the link by itself.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let linkIndex: Int32 = try payload.integer(at: 4)
    let handle: UInt32 = try payload.integer(at: 8)
    let parent: UInt32 = try payload.integer(at: 12)
    // The kernel's own have no handle.
    guard parent == TrafficHandle.root, handle != 0 else { return nil }
    var name = ""
    var options: [UInt8] = []
    var other: [RawAttribute] = []
    try payload.forEachAttribute(from: TrafficHandle.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case TCA_KIND: name = value.string
      case TCA_OPTIONS: options = value.array
      case TCA_STATS, TCA_STATS2, TCA_XSTATS, TCA_HW_OFFLOAD, TCA_PAD: break
      default: other.append(value.rawAttribute(type))
      }
    }
    self.init(Kind(name, options), linkIndex: linkIndex)
    self.other = other
  }
}

extension RootQdisc.Kind {
  /// What this code cannot make out stays as it is.
  fileprivate init(_ name: String, _ options: [UInt8]) {
    self = .other(name: name, options: options)
    guard name == TokenBucket.name else { return }
    do throws(DecodingFailure) {
      self = .tokenBucket(try unsafe TokenBucket(decoding: options.span.bytes))
    } catch {
      // One with more than a rate.
    }
  }
}

extension MessageBuffer {
  mutating func append(_ qdisc: RootQdisc) {
    appendTrafficHeader(linkIndex: qdisc.linkIndex, parent: TrafficHandle.root)
    attribute(TCA_KIND, qdisc.kind.name)
    switch qdisc.kind {
    case .tokenBucket(let bucket): open(TCA_OPTIONS) { bucket.encode(into: &$0) }
    // Many take none at all for their defaults, but not an empty one.
    case .other(_, let options): if !options.isEmpty { attribute(TCA_OPTIONS, bytes: options) }
    }
    attributes(qdisc.other)
  }
}
