import NetTypes
import Tapestry
import TestKit
import Testing

/// What a guest sends that leaves nothing for others.
extension StandInGuest {
  /// One datagram from each of these ports, by way of the gateway.
  func flood(_ ports: ClosedRange<Int>, to target: IPAddress, port: UInt16) async throws {
    let (own, hop) = (try #require(ownAddress(target.family)), try #require(try await nextHop(to: target)))
    for source in ports {
      let datagram = UDPDatagram(from: UInt16(source), to: port, payload: [1])
      try send(.udp(datagram, from: own, to: target, by: mac, at: hop))
    }
  }
}

extension Site {
  /// How many connections of an address the host tracks.
  func connections(of address: IPAddress) async throws -> Int {
    let family = address.family == .v4 ? "ipv4" : "ipv6"
    let list = try await host.command("conntrack", "-L", "-f", family, "-s", "\(address)")
    return list.split(separator: "\n").count { $0.contains("src=\(address)") }
  }
}
