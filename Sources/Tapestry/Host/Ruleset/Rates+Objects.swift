import NFTables
import RouteNetlink

// What a guest sends is limited where it arrives, by limit objects in maps keyed by its TAP: excess packets are dropped.
// What it receives waits in a token bucket filter on the TAP.
extension Ruleset.GuestFacts {
  private var rateMaps: (bytes: RulesetTables.Rates, packets: RulesetTables.Rates) {
    way == .bridged
      ? (RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets)
      : (RulesetTables.transmitBytes, RulesetTables.transmitPackets)
  }

  /// The guest's limit objects, and the elements that lead to them.
  var limits: [(element: (NamedSet, Element), object: StatefulObject)] {
    var limits: [(RulesetTables.Rates, Limit)] = []
    if let bytes = transmitRate.bytes {
      // The kernel's bucket holds one second's worth plus this burst, which exceeds the longest packet that a guest hands
      // over.
      limits.append((rateMaps.bytes, Limit(rate: bytes, burst: 128 << 10, unit: .bytes, isInverted: true)))
    }
    if let packets = transmitRate.packets {
      let burst = UInt32(clamping: max(64, packets / 10))
      limits.append((rateMaps.packets, Limit(rate: packets, burst: burst, unit: .packets, isInverted: true)))
    }
    return limits.map { map, limit in
      // A changed rate is a new object: the kernel changes none in place.
      let object = StatefulObject(map.id.table, "\(tapName)_\(limit.rate)_\(limit.unit)", .limit(limit))
      return (map.element(tapName, to: LimitName(object.name)), object)
    }
  }
}

extension TokenBucket {
  /// The filter for a rate.
  /// - Parameters:
  ///   - rate: In bytes per second.
  ///   - mtu: The link's MTU in bytes.
  init(rate: UInt64, mtu: Int) {
    // A burst of 20 ms, but at least the longest frame, which would otherwise never be sent; 100 ms in the queue.
    let burst = UInt32(clamping: max(16 << 10, UInt64(mtu) + 64, rate / 50))
    self.init(rate: rate, burst: burst, limit: UInt32(clamping: UInt64(burst) + max(64 << 10, rate / 10)))
  }
}

extension RootQdisc {
  /// The queueing discipline for traffic to the guest. Returns nil if it is not limited.
  init?(_ guest: Desired.Guest, index: Int32) {
    guard let rate = guest.lease.settings.rateLimit.receiveBytes else { return nil }
    self.init(.tokenBucket(TokenBucket(rate: rate, mtu: guest.network.mtu)), linkIndex: index)
  }

  /// The rate in bytes per second. Returns 0 if the filter is configured differently from ours, nil for another discipline.
  func receiveRate(mtu: Int) -> UInt64? {
    guard case .tokenBucket(let bucket) = kind else { return kind.name == "tbf" ? 0 : nil }
    let own = RootQdisc(.tokenBucket(TokenBucket(rate: bucket.rate, mtu: mtu)), linkIndex: linkIndex)
    return own.normalForm == normalForm ? bucket.rate : 0
  }
}
