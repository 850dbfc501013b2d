import NetTypes
import TestKit

/// Something that has arrived where it should not.
struct HostileArrival: Hashable, Sendable {
  var place: HostilePlace
  var rule: String
  var bytes: [UInt8]
  var mark: FrameMark?
}

extension HostileSite {
  /// Sends what a liar says, and tells what of it, or because of it, arrives where it should not.
  func arrivals(of attempts: [HostileAttempt], from liar: Liar) async throws -> [HostileArrival] {
    for attempt in attempts {
      for frame in attempt.frames {
        // The kernel refuses what is no frame, and headers that make no sense.
        try? liar.guest.send(raw: frame.bytes, frame.header)
      }
    }
    return try await judged(liar.rights, liar.guest)
  }

  /// Nobody waits for time to pass: the host sends a datagram each way, and what has gone there before is complete when it
  /// is there.
  func judged(_ rights: HostileRights, _ guest: StandInGuest) async throws -> [HostileArrival] {
    let text = "beacon-\(FrameMark(UInt32.random(in: 0 ... .max)).number)"
    let guests = liars.map(\.guest) + [neighbor, stranger]
    try beacon.send(text, to: Endpoint(Site.server, 9))
    for liar in liars { try beacon.send(text, to: Endpoint(liar.address, 9)) }
    try beacon.send(text, to: Endpoint(rights.world.neighbor.address, 9))
    try beacon.send(text, to: Endpoint(rights.world.stranger.address, 9))
    let isBeacon: @Sendable (EthernetFrame) -> Bool = { frame in
      frame.ipv4?.udp.map { $0.destinationPort == 9 && $0.payload == Array(text.utf8) } ?? false
    }
    guard await uplink.captured(matching: { isBeacon($0.frame) }) != nil else {
      throw HostileVictims.Lost(description: "the host does not reach the outside any more")
    }
    for guest in guests {
      guard await guest.received(matching: isBeacon) != nil else {
        throw HostileVictims.Lost(description: "the host does not reach \(guest.tapName) any more")
      }
    }

    var arrivals: [HostileArrival] = []
    func judge(_ frames: [[UInt8]], _ place: HostilePlace) {
      for bytes in frames {
        guard let rule = rights.violation(by: bytes, at: place) else { continue }
        arrivals.append(HostileArrival(place: place, rule: rule, bytes: bytes, mark: FrameMark(in: bytes)))
      }
    }
    judge(uplink.captures.takeAll().filter { !$0.isOutgoing }.map(\.frame.bytes), .internet)
    // Its own connections are nobody else's business.
    judge(
      bystanderLink.captures.takeAll().filter { !$0.isOutgoing }.map(\.frame.bytes).filter {
        FrameMark(in: $0) != nil
      }, .neighbor)
    judge(neighbor.arrivals.takeAll().map(\.bytes), .neighbor)
    judge(stranger.arrivals.takeAll().map(\.bytes), .stranger)
    for other in guests where other !== guest { _ = other.arrivals.takeAll() }
    judge(guest.arrivals.takeAll().map(\.bytes), .own)
    for delivery in try await deliveries.takeAll() {
      guard let rule = rights.violation(by: delivery) else { continue }
      arrivals.append(
        HostileArrival(place: .host, rule: rule, bytes: delivery.bytes, mark: FrameMark(in: delivery.bytes)))
    }
    return arrivals
  }
}
