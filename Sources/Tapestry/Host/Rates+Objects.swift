import NFTables
import NetTypes
import RouteNetlink

// What a guest sends is counted where it comes in, by limits of its own in maps keyed by its TAP: what is above is
// dropped. What it gets waits in a token bucket filter on the TAP.
extension Ruleset.GuestFacts {
  private var rateMaps: (bytes: NamedSet, packets: NamedSet) {
    way == .bridged
      ? (RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets)
      : (RulesetTables.transmitBytes, RulesetTables.transmitPackets)
  }

  /// The limits by which it is counted, and the elements that lead to them.
  var limits: [(set: NamedSet, element: Element, object: StatefulObject)] {
    var limits: [(NamedSet, Limit)] = []
    if let bytes = transmitRate.bytes {
      // The kernel's bucket holds a second's worth, and this: more than the longest packet that a guest hands over.
      limits.append((rateMaps.bytes, Limit(rate: bytes, burst: 128 << 10, unit: .bytes, isInverted: true)))
    }
    if let packets = transmitRate.packets {
      let burst = UInt32(clamping: max(64, packets / 10))
      limits.append((rateMaps.packets, Limit(rate: packets, burst: burst, unit: .packets, isInverted: true)))
    }
    return limits.map { set, limit in
      // Another rate is another object: the kernel changes none.
      let object = StatefulObject(set.id.table, "\(tapName)_\(limit.rate)_\(limit.unit)", .limit(limit))
      return (set, Element(.interface(tapName), data: .object(object.name)), object)
    }
  }
}

extension Ruleset.TransmitRate {
  /// What the limits, by the tables' maps and their objects, say of a TAP.
  init(bytes: Element?, packets: Element?, _ objects: [String: StatefulObject]) {
    self.init()
    self.bytes = bytes.flatMap { Self.rate($0, objects) }
    self.packets = packets.flatMap { Self.rate($0, objects) }
  }

  private static func rate(_ element: Element, _ objects: [String: StatefulObject]) -> UInt64? {
    guard case .object(let name)? = element.data, case .limit(let limit)? = objects[name]?.kind else { return nil }
    return limit.rate
  }
}

extension TokenBucket {
  /// The filter for a rate.
  /// - Parameters:
  ///   - rate: In bytes a second.
  ///   - mtu: The link's, in bytes.
  init(rate: UInt64, mtu: Int) {
    // 20 ms at once, and no less than the longest frame, which would never fit else; 100 ms in the queue.
    let burst = UInt32(clamping: max(16 << 10, UInt64(mtu) + 64, rate / 50))
    self.init(rate: rate, burst: burst, limit: UInt32(clamping: UInt64(burst) + max(64 << 10, rate / 10)))
  }
}

extension RootQdisc {
  /// What traffic to the guest waits in; nil where it is not limited.
  init?(_ guest: Desired.Guest, index: Int32) {
    guard let rate = guest.lease.settings.rateLimit.receiveBytes else { return nil }
    self.init(.tokenBucket(TokenBucket(rate: rate, mtu: guest.network.mtu)), linkIndex: index)
  }

  /// The rate, in bytes a second, of a filter that is set as by us; 0 for another; nil for a discipline of another kind.
  func receiveRate(mtu: Int) -> UInt64? {
    guard case .tokenBucket(let bucket) = kind else { return kind.name == "tbf" ? 0 : nil }
    let own = RootQdisc(.tokenBucket(TokenBucket(rate: bucket.rate, mtu: mtu)), linkIndex: linkIndex)
    return own.normalForm == normalForm ? bucket.rate : 0
  }
}
