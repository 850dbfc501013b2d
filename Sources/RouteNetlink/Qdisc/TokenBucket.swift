import Netlink

/// The token bucket filter: limits the egress rate of a link, and queues packets above it. tc-tbf(8).
public struct TokenBucket: Hashable, Sendable {
  /// The rate in bytes per second, including link headers. 0 is encoded so that the kernel refuses it with EINVAL.
  public var rate: UInt64
  /// The bytes that may be sent at once after a pause. It is also the largest packet that is sent at all, including the link
  /// header. GSO packets are segmented first.
  public var burst: UInt32
  /// The bytes that may be queued; packets beyond that are dropped. With 0, every packet is dropped.
  public var limit: UInt32

  /// A filter with this rate (bytes per second), burst (bytes) and limit (bytes).
  public init(rate: UInt64, burst: UInt32, limit: UInt32) {
    self.rate = rate
    self.burst = burst
    self.limit = limit
  }

  /// The filter as it is read back. The kernel stores the burst as its transmission time in ticks of 64 ns. From 15.6 MB per
  /// second on, the burst read back is a few bytes smaller; a burst that takes longer than 274 seconds overflows. A filter
  /// was written as desired if its normal form equals that of the one that is read.
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

/// The offsets in `struct tc_tbf_qopt`: two `struct tc_ratespec`, for the rate and the peak rate, then the limit, the
/// burst and the burst of the peak rate. The two bursts are in ticks.
private enum Offset {
  static let linkLayer = 1
  static let overhead = 2
  static let minimum = 6
  static let rate = 8
  static let peakRate = 20
  static let limit = 24
  static let burst = 28
}

/// TC_LINKLAYER_ETHERNET: packets count with their actual bytes. Then the kernel needs no rate table.
private let ethernetLinkLayer: UInt8 = 1

extension TokenBucket {
  static let name = "tbf"

  /// Appends the attributes of TCA_OPTIONS.
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
      // The kernel ignores this if TCA_TBF_BURST gives the burst in bytes.
      $0.append(rate > 0 ? UInt32(clamping: PacketTime(rate: rate).ticks(burst)) : 0)
      $0.append(UInt32(0))
    }
    if rate > UInt32.max { buffer.attribute(TokenBucketAttribute.rate.rawValue, rate) }
    // The kernel would take rate 0 as one byte per nanosecond. It refuses a burst of 0.
    buffer.attribute(TokenBucketAttribute.burst.rawValue, rate > 0 ? burst : 0)
  }

  /// Decodes the attributes of TCA_OPTIONS.
  /// - Throws: `DecodingFailure` if there are more parameters than a rate, such as a peak rate.
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
        try value.requireRateOnly()
      case .rate: rate = max(rate, try value.exactly())
      // The kernel does not send it.
      case .burst: bytes = try value.exactly()
      case nil: break
      }
    }
    guard let ticks, rate > 0 else { throw DecodingFailure("a token bucket filter without a rate") }
    burst = bytes ?? PacketTime(rate: rate).bytes(ticks)
  }
}

extension RawSpan {
  /// Throws if this `struct tc_tbf_qopt` has more parameters than a rate.
  fileprivate func requireRateOnly() throws(DecodingFailure) {
    // The lower four bits are TC_LINKLAYER_MASK. TC_LINKLAYER_UNAWARE, 0, is treated as Ethernet.
    let linkLayer = try integer(at: Offset.linkLayer, as: UInt8.self) & 0xf
    guard linkLayer <= ethernetLinkLayer, try integer(at: Offset.overhead, as: UInt16.self) == 0,
      try integer(at: Offset.minimum, as: UInt16.self) == 0, try integer(at: Offset.peakRate, as: UInt32.self) == 0
    else { throw DecodingFailure("a token bucket filter with more parameters than a rate") }
  }
}
