import Tapestry

extension MaximumConnections {
  var text: String { self == .unlimited ? "no limit" : "at most \(description)" }
}

extension RateLimit {
  /// The limits as rate limiters of Firecracker's API, for users who want the VMM to enforce them.
  var firecrackerLimiters: [(name: String, value: JSON)] {
    var limiters: [(name: String, value: JSON)] = []
    if let receive { limiters.append(("rx_rate_limiter", .object([Self.bandwidth(receive)]))) }
    var transmit = self.transmit.map { [Self.bandwidth($0)] } ?? []
    if let transmitPackets { transmit.append(("ops", Self.bucket(transmitPackets, milliseconds: 1000))) }
    if !transmit.isEmpty { limiters.append(("tx_rate_limiter", .object(transmit))) }
    return limiters
  }

  /// A token bucket that holds, and is refilled with, the bytes of 100 ms.
  private static func bandwidth(_ bits: UInt64) -> (name: String, value: JSON) {
    ("bandwidth", bucket(bits / 80, milliseconds: 100))
  }

  private static func bucket(_ size: UInt64, milliseconds: Int) -> JSON {
    .object([("size", .number(Int(clamping: size))), ("refill_time", .number(milliseconds))])
  }
}
