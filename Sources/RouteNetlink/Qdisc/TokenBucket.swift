import Netlink

/// The token bucket filter: lets a link send no faster than a rate, and keeps what comes faster waiting. tc-tbf(8).
public struct TokenBucket: Hashable, Sendable {
  /// In bytes a second, link headers included. The kernel is asked to refuse 0, EINVAL.
  public var rate: UInt64
  /// How many bytes may go out at once after a pause. It is also the longest packet that is sent at all, link header
  /// included; one put together of several (GSO) is taken apart first.
  public var burst: UInt32
  /// How many bytes may wait; what comes beyond is dropped. With 0 every packet is.
  public var limit: UInt32

  public init(rate: UInt64, burst: UInt32, limit: UInt32) {
    self.rate = rate
    self.burst = burst
    self.limit = limit
  }

  /// As it is read back: the kernel keeps the burst as the time that it lasts, in ticks of 64 ns. From 15.6 MB a second
  /// on that is a few bytes less, and what lasts longer than 274 seconds is not told right. What was written equals what
  /// is read when their normal forms do.
  public var normalForm: TokenBucket {
    guard rate > 0 else { return self }
    let time = PacketTime(rate: rate)
    var normal = self
    normal.burst = time.bytes(UInt32(truncatingIfNeeded: time.ticks(burst)))
    return normal
  }
}

/// TCA_TBF_ of linux/pkt_sched.h.
private enum TokenBucketAttribute: UInt16 {
  case parameters = 1
  case rate = 4
  case burst = 6
}

/// The offsets in `struct tc_tbf_qopt`: two of `struct tc_ratespec`, the second for a peak rate; then the limit, the
/// burst and that of the peak rate, these two in ticks.
private enum Offset {
  static let linkLayer = 1
  static let overhead = 2
  static let minimum = 6
  static let rate = 8
  static let peakRate = 20
  static let limit = 24
  static let burst = 28
}

/// TC_LINKLAYER_ETHERNET: packets count with the bytes that they have. The kernel then needs no table of times.
private let ethernetLinkLayer: UInt8 = 1

extension TokenBucket {
  static let name = "tbf"

  /// The attributes in TCA_OPTIONS.
  func encode(into buffer: inout MessageBuffer) {
    buffer.open(TokenBucketAttribute.parameters.rawValue) {
      $0.append(UInt8(0))
      $0.append(ethernetLinkLayer)
      $0.append(UInt16(0))
      $0.append(UInt32(0))
      $0.append(UInt32(clamping: rate))
      // No peak rate.
      for _ in 0..<3 { $0.append(UInt32(0)) }
      $0.append(limit)
      // Where TCA_TBF_BURST says it in bytes, this is not looked at.
      $0.append(rate > 0 ? UInt32(clamping: PacketTime(rate: rate).ticks(burst)) : 0)
      $0.append(UInt32(0))
    }
    if rate > UInt32.max { buffer.attribute(TokenBucketAttribute.rate.rawValue, rate) }
    // The kernel would take a rate of 0 for a byte each nanosecond. A burst of 0 it refuses.
    buffer.attribute(TokenBucketAttribute.burst.rawValue, rate > 0 ? burst : 0)
  }

  /// The attributes in TCA_OPTIONS; refuses a filter with more than a rate: with a peak rate, say.
  init(decoding options: RawSpan) throws(DecodingFailure) {
    self.init(rate: 0, burst: 0, limit: 0)
    var ticks: UInt32?
    var bytes: UInt32?
    try options.forEachAttribute { type, value throws(DecodingFailure) in
      switch TokenBucketAttribute(rawValue: type) {
      case .parameters:
        ticks = try value.integer(at: Offset.burst)
        limit = try value.integer(at: Offset.limit)
        rate = max(rate, UInt64(try value.integer(at: Offset.rate, as: UInt32.self)))
        try value.refuseMoreThanRate()
      case .rate: rate = max(rate, try value.exactly())
      // The kernel does not give it back.
      case .burst: bytes = try value.exactly()
      case nil: break
      }
    }
    guard let ticks, rate > 0 else { throw DecodingFailure("a token bucket without a rate") }
    burst = bytes ?? PacketTime(rate: rate).bytes(ticks)
  }
}

extension RawSpan {
  /// Of `struct tc_tbf_qopt`.
  fileprivate func refuseMoreThanRate() throws(DecodingFailure) {
    // The lower four bits: TC_LINKLAYER_MASK. TC_LINKLAYER_UNAWARE, 0, counts as Ethernet.
    let linkLayer = try integer(at: Offset.linkLayer, as: UInt8.self) & 0xf
    guard linkLayer <= ethernetLinkLayer, try integer(at: Offset.overhead, as: UInt16.self) == 0,
      try integer(at: Offset.minimum, as: UInt16.self) == 0, try integer(at: Offset.peakRate, as: UInt32.self) == 0
    else { throw DecodingFailure("a token bucket with more than a rate") }
  }
}
