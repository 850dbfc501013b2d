import CLinux
import Netlink

/// The root qdisc of a link, for egress packets, if it is not the default that the kernel installed. RTM_NEWQDISC, tc(8).
public struct RootQdisc: Hashable, Sendable {
  /// The kind with its parameters. `other` is a kind or a parameter set that this code does not decode, as it was read.
  public enum Kind: Hashable, Sendable {
    /// `tbf`.
    case tokenBucket(TokenBucket)
    /// TCA_KIND and the payload of TCA_OPTIONS.
    case other(name: String, options: [UInt8])

    /// TCA_KIND: `tbf`.
    public var name: String {
      switch self {
      case .tokenBucket: TokenBucket.name
      case .other(let name, _): name
      }
    }
  }

  /// The index of the link.
  public var linkIndex: Int32
  /// The kind with its parameters.
  public var kind: Kind

  /// A root qdisc of a link.
  public init(_ kind: Kind, linkIndex: Int32) {
    self.linkIndex = linkIndex
    self.kind = kind
  }

  /// The qdisc as it is read back, without attributes that this code does not decode. A qdisc was written as desired if its
  /// normal form equals that of the one that is read.
  public var normalForm: RootQdisc {
    guard case .tokenBucket(let bucket) = kind else { return RootQdisc(kind, linkIndex: linkIndex) }
    return RootQdisc(.tokenBucket(bucket.normalForm), linkIndex: linkIndex)
  }

  /// Decodes the payload of an RTM_NEWQDISC message. Returns nil for a qdisc that is not at a link's root, and for a default
  /// that the kernel installed.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let linkIndex: Int32 = try payload.integer(at: 4)
    let handle: UInt32 = try payload.integer(at: 8)
    let parent: UInt32 = try payload.integer(at: 12)
    // The kernel's defaults have no handle.
    guard parent == TrafficHandle.root, handle != 0 else { return nil }
    var name = ""
    var options: [UInt8] = []
    try payload.forEachAttribute(from: TrafficHandle.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case TCA_KIND: name = value.string
      case TCA_OPTIONS: options = value.array
      default: break
      }
    }
    self.init(Kind(name, options), linkIndex: linkIndex)
  }
}

extension RootQdisc.Kind {
  /// Keeps what this code cannot decode as `other`.
  fileprivate init(_ name: String, _ options: [UInt8]) {
    self = .other(name: name, options: options)
    guard name == TokenBucket.name else { return }
    do throws(DecodingFailure) {
      self = .tokenBucket(try unsafe TokenBucket(decoding: options.span.bytes))
    } catch {
      // It has more parameters than a rate.
    }
  }
}

extension MessageBuffer {
  mutating func append(_ qdisc: RootQdisc) {
    appendTrafficHeader(linkIndex: qdisc.linkIndex, parent: TrafficHandle.root)
    attribute(TCA_KIND, qdisc.kind.name)
    switch qdisc.kind {
    case .tokenBucket(let bucket): open(TCA_OPTIONS) { bucket.encode(into: &$0) }
    // With their defaults, many kinds accept no TCA_OPTIONS but not an empty one.
    case .other(_, let options): if !options.isEmpty { attribute(TCA_OPTIONS, bytes: options) }
    }
  }
}
