import NetTypes
import Tapestry
import TestKit
import Testing

/// Two guests of one network, one of whom lies, and a watch on all that its frames could reach.
struct Arena {
  enum Place {
    static let own = "its own TAP"
    static let neighbor = "the neighbour's TAP"
    static let bridge = "the bridge"
    static let uplink = "the uplink"
  }

  let site: Site
  let liar: StandInGuest
  let neighbor: StandInGuest
  let forger: Forger
  let watch: Watch

  init(_ site: Site, in network: Identifier = "default") async throws {
    self.site = site
    (liar, neighbor) = try await site.guests(in: network)
    forger = try await Forger(liar, neighbor: neighbor)
    let bridge = try await site.manager.network(named: network).bridge.rawValue
    watch = try await Watch(on: site.host)
    try await watch.add(Place.own, liar.tapName, liar.prefix)
    try await watch.add(Place.neighbor, neighbor.tapName, liar.prefix)
    try await watch.add(Place.bridge, bridge, liar.prefix)
    try await watch.add(Place.uplink, "uplink", try IPv4Prefix(containing: Site.server, prefixLength: 24))
  }

  static func use(_ body: (Arena) async throws -> Void) async throws {
    try await Site.use { site in try await body(try await Arena(site)) }
  }

  /// Sends frames, and tells where else than on the sender's own TAP, where all must have been, each has turned up.
  /// - Parameter sender: The liar, or its neighbour.
  func reach(
    of forgeries: [Forgery], from sender: StandInGuest? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Set<String>] {
    let sender = sender ?? liar
    let origin = sender === liar ? Place.own : Place.neighbor
    for forgery in forgeries { try sender.send(forgery.frame) }
    let sightings = try await watch.sightings()
    var reach: [String: Set<String>] = [:]
    for forgery in forgeries {
      var places = sightings[forgery.mark] ?? []
      #expect(places.remove(origin) != nil, "\(forgery.name) was not sent", sourceLocation: sourceLocation)
      if !places.isEmpty { reach[forgery.name] = places }
    }
    return reach
  }

  /// Expects that no frame gets past the TAP, and that it is the guard that holds each of them: without, all of them
  /// come to the bridge.
  func expectHeld(_ forgeries: [Forgery], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    #expect(try await reach(of: forgeries) == [:], sourceLocation: sourceLocation)
    try await site.host.command("nft", "delete", "table", "bridge", "tapestry")
    let unguarded = try await reach(of: forgeries)
    for forgery in forgeries {
      #expect(
        unguarded[forgery.name]?.contains(Place.bridge) == true, "\(forgery.name) is lost elsewhere",
        sourceLocation: sourceLocation)
    }
  }
}
