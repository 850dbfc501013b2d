public import NetTypes
import Synchronization

extension StandInGuest {
  /// How long to wait for an answer before asking again.
  private static let retryInterval: Duration = .milliseconds(100)

  /// Sends echo requests to `target`, by way of `nextHop`.
  /// - Parameter source: nil for its own address.
  /// - Returns: Whether an answer has come from `target` within `limit`, that of the next hop included.
  public func ping(
    _ target: IPAddress, from source: IPAddress? = nil, within limit: Duration = .patience
  ) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    guard let own = source ?? ownAddress(target.family), let hop = try await nextHop(to: target, within: limit) else {
      return false
    }
    let identifier = identifiers.wrappingAdd(1, ordering: .relaxed).newValue
    let payload = Array("tapestry".utf8)
    let request = EthernetFrame.echoRequest(identifier, payload, from: own, to: target, by: mac, at: hop)
    let answer = try await sendRepeatedly(request, within: deadline - ContinuousClock.now) { [mac] frame in
      frame.destination == mac && frame.addresses.map { $0 == (target, own) } == true
        && frame.isEchoReply(identifier, payload)
    }
    return answer != nil
  }

  public func ping<Address: InternetAddress>(
    _ target: Address, from source: Address? = nil, within limit: Duration = .patience
  ) async throws -> Bool {
    try await ping(IPAddress(target), from: source.map { IPAddress($0) }, within: limit)
  }

  /// Sends `frame`, ten times a second, until one that matches has come in answer.
  /// - Returns: The answer, taken out of `arrivals`; nil when none has come within `limit`.
  public func sendRepeatedly(
    _ frame: EthernetFrame, within limit: Duration = .patience,
    until matches: @escaping @Sendable (EthernetFrame) -> Bool
  ) async throws -> EthernetFrame? {
    let deadline = ContinuousClock.now + limit
    repeat {
      try send(frame)
      let remaining = max(.zero, deadline - ContinuousClock.now)
      let interval = min(Self.retryInterval, remaining)
      if let answer = await received(within: interval, matching: matches) { return answer }
    } while ContinuousClock.now < deadline
    return nil
  }
}
