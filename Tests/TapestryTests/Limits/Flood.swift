import NetTypes
import Tapestry
import TestKit
import Testing

/// What a guest sends that leaves nothing for others.
extension StandInGuest {
  /// One datagram from each of these ports, by way of the gateway.
  func flood(_ ports: ClosedRange<Int>, to target: IPv4Address, port: UInt16) async throws {
    let hop = try await gatewayMAC()
    for source in ports {
      let datagram = UDPDatagram(from: UInt16(source), to: port, payload: [1])
      try send(.ipv4(.udp(datagram, from: address, to: target), from: mac, to: hop))
    }
  }

  func flood6(_ ports: ClosedRange<Int>, to target: IPv6Address, port: UInt16) async throws {
    let own = try #require(ipv6)
    let hop = try #require(try await resolve6(own.gateway))
    for source in ports {
      let datagram = UDPDatagram(from: UInt16(source), to: port, payload: [1])
      try send(.ipv6(.udp(datagram, from: own.address, to: target), from: mac, to: hop))
    }
  }
}

extension Site {
  /// How many connections of an address the host tracks.
  func connections(of address: String, family: String = "ipv4") async throws -> Int {
    let list = try await host.command("conntrack", "-L", "-f", family, "-s", address)
    return list.split(separator: "\n").count { $0.contains("src=\(address)") }
  }
}
