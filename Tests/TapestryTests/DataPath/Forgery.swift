import NetTypes
import TestKit
import Testing

/// A frame that a guest has no right to send, or one that it has.
struct Forgery: Sendable {
  let name: String
  let mark: Mark
  let frame: EthernetFrame
}

/// Makes frames in the name of a guest, of others, and of nobody.
struct Forger: Sendable {
  struct Identity: Sendable {
    var mac: MACAddress
    var address: IPv4Address

    var linkLocal: IPv6Address { .linkLocal(of: mac) }
    /// What its interface makes of the site's prefix.
    var global: IPv6Address {
      IPv6Address(rawValue: Site.prefix6.address.rawValue | linkLocal.rawValue & UInt128(UInt64.max))
    }

    func ip(_ family: IPFamily) -> IPAddress { family == .v4 ? .v4(address) : .v6(global) }
  }

  let own: Identity
  let neighbor: Identity
  let gateway: Identity
  static let stranger = MACAddress(0x02, 0xbb, 0, 0, 0, 1)

  init(own: Identity, neighbor: Identity, gateway: Identity) {
    self.own = own
    self.neighbor = neighbor
    self.gateway = gateway
  }

  /// - Parameter neighbor: nil where it has none.
  init(_ guest: StandInGuest, neighbor: StandInGuest? = nil) async throws {
    own = Identity(mac: guest.mac, address: guest.address)
    self.neighbor = Identity(mac: (neighbor ?? guest).mac, address: (neighbor ?? guest).address)
    gateway = Identity(mac: try await guest.gatewayMAC(), address: try #require(guest.gateway))
  }

  /// The frame that `make` builds around a mark.
  func frame(_ name: String, _ make: (Mark) -> EthernetFrame) -> Forgery {
    let mark = Mark()
    return Forgery(name: name, mark: mark, frame: make(mark))
  }

  /// A UDP datagram; the guest's own, to the internet by way of the gateway, where nothing else is said.
  func udp(
    _ name: String, from source: IPv4Address? = nil, mac: MACAddress? = nil, to target: IPv4Address = Site.server,
    at destination: MACAddress? = nil, ports: (UInt16, UInt16) = (40_000, 7),
    change: (inout IPv4Packet) -> Void = { _ in }
  ) -> Forgery {
    frame(name) { mark in
      let datagram = UDPDatagram(from: ports.0, to: ports.1, payload: mark.bytes)
      var packet = IPv4Packet.udp(datagram, from: source ?? own.address, to: target)
      change(&packet)
      return .ipv4(packet, from: mac ?? own.mac, to: destination ?? gateway.mac)
    }
  }

  /// An ARP packet, followed by its mark; a request for the gateway's address where nothing else is said.
  func arp(
    _ name: String, _ operation: ARPPacket.Operation = .request, sender: Identity, from source: MACAddress? = nil,
    asking target: Identity? = nil, at destination: MACAddress = .broadcast
  ) -> Forgery {
    frame(name) { mark in
      let packet = ARPPacket(
        operation: operation, senderMAC: sender.mac, senderIP: sender.address,
        targetMAC: target?.mac ?? MACAddress(0, 0, 0, 0, 0, 0), targetIP: target?.address ?? gateway.address)
      var frame = EthernetFrame.arp(packet, from: source ?? own.mac, to: destination)
      frame.payload += mark.bytes
      return frame
    }
  }

  /// A UDP datagram of its own, to an address of either family by way of the gateway.
  func udp(_ name: String, to target: IPAddress, ports: (UInt16, UInt16) = (40_000, 7)) -> Forgery {
    frame(name) { mark in
      let datagram = UDPDatagram(from: ports.0, to: ports.1, payload: mark.bytes)
      return .udp(datagram, from: own.ip(target.family), to: target, by: own.mac, at: gateway.mac)
    }
  }

  /// A packet of IPv6 that `make` builds around a mark; without `destination`, at the group it is sent to.
  func six(
    _ name: String, mac: MACAddress? = nil, at destination: MACAddress? = nil, _ make: (Mark) -> IPv6Packet
  ) -> Forgery {
    frame(name) { .ipv6(make($0), from: mac ?? own.mac, to: destination) }
  }

  /// A UDP datagram of IPv6; the guest's own, to the internet by way of the gateway, where nothing else is said.
  func udp6(
    _ name: String, from source: IPv6Address? = nil, mac: MACAddress? = nil, to target: IPv6Address = Site.server6,
    at destination: MACAddress? = nil, ports: (UInt16, UInt16) = (40_000, 7)
  ) -> Forgery {
    six(name, mac: mac, at: destination ?? gateway.mac) { mark in
      .udp(UDPDatagram(from: ports.0, to: ports.1, payload: mark.bytes), from: source ?? own.global, to: target)
    }
  }

  /// A message of ICMPv6, that of its link-local address to all where nothing else is said.
  func icmpv6(
    _ name: String, _ message: ICMPv6Message, from source: IPv6Address? = nil, mac: MACAddress? = nil,
    to target: IPv6Address = .allNodes, at destination: MACAddress? = nil,
    change: (IPv6Packet) -> IPv6Packet = { $0 }
  ) -> Forgery {
    six(name, mac: mac, at: destination) { mark in
      var packet = IPv6Packet.icmpv6(message, from: source ?? own.linkLocal, to: target)
      packet.flow = mark.flow
      return change(packet)
    }
  }

  /// A frame of any EtherType, or, below 1536, of 802.3's length and LLC.
  func raw(
    _ name: String, _ etherType: UInt16, to destination: MACAddress = .broadcast, from source: MACAddress? = nil,
    _ payload: [UInt8] = []
  ) -> Forgery {
    frame(name) { mark in
      EthernetFrame(
        destination: destination, source: source ?? own.mac, etherType: EtherType(rawValue: etherType),
        payload: payload + mark.bytes)
    }
  }

  /// 01:80:c2:00:00:0X, which IEEE 802.1D keeps to a link: spanning tree, pause, LACP, EAPOL, LLDP, …
  static func reserved(_ number: UInt8) -> MACAddress { MACAddress(0x01, 0x80, 0xc2, 0, 0, number) }
}

extension MACAddress {
  /// 01:00:5e and the last 23 bits of a group (RFC 1112, 6.4).
  init(multicast group: IPv4Address) {
    let bytes = group.bytes
    self.init(0x01, 0x00, 0x5e, bytes[1] & 0x7f, bytes[2], bytes[3])
  }
}
