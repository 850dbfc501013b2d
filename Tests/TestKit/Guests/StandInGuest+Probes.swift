public import NetTypes
import Synchronization

extension StandInGuest {
  /// How long to wait for an answer before asking again.
  private static let retryInterval: Duration = .milliseconds(100)

  /// Asks by ARP who has `target`, again and again.
  /// - Returns: The MAC address of the first answer; nil when none has come within `limit`.
  public func resolve(_ target: IPv4Address, within limit: Duration = .patience) async throws -> MACAddress? {
    let request = EthernetFrame.arp(.request(for: target, from: mac, address), from: mac)
    let answer = try await sendRepeatedly(request, within: limit) { [mac] frame in
      frame.destination == mac && frame.arp?.operation == .reply && frame.arp?.senderIP == target
    }
    guard let found = answer?.arp?.senderMAC else { return nil }
    neighbors.withLock { $0[target] = found }
    return found
  }

  /// Sends echo requests to `target`, by way of the gateway when it is not on the guest's own link.
  /// - Returns: Whether an answer has come from `target` within `limit`, that of ARP included.
  public func ping(_ target: IPv4Address, within limit: Duration = .patience) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    guard let hop = try await nextHop(to: target, within: limit) else { return false }
    let identifier = identifiers.wrappingAdd(1, ordering: .relaxed).newValue
    let message = ICMPMessage.echoRequest(identifier: identifier, sequence: 1, payload: Array("tapestry".utf8))
    let request = EthernetFrame.ipv4(.icmp(message, from: address, to: target), from: mac, to: hop)
    let answer = try await sendRepeatedly(request, within: deadline - ContinuousClock.now) { [mac, address] frame in
      guard frame.destination == mac, let packet = frame.ipv4, packet.source == target, packet.destination == address
      else { return false }
      return packet.hasValidPayloadChecksum && packet.icmp == message.echoReply
    }
    return answer != nil
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

  /// The MAC address of `target`, or of the gateway where `target` is not on the guest's own link.
  /// - Returns: nil when it cannot be found out, or there is no gateway.
  func nextHop(to target: IPv4Address, within limit: Duration) async throws -> MACAddress? {
    guard let hop = prefix.contains(target) ? target : gateway else { return nil }
    if let known = neighbors.withLock({ $0[hop] }) { return known }
    return try await resolve(hop, within: limit)
  }

  /// Forgets what ARP has answered, so that the next packet asks again.
  public func forgetNeighbors() { neighbors.withLock { $0 = [:] } }
}
