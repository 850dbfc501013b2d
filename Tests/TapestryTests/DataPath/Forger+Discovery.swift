import NetTypes
import Tapestry
import TestKit

extension Forger {
  /// All that a guest has no right to send.
  var forgeries6: [Forgery] { addresses6 + solicitations + advertisements + servers + hidden }

  private var addresses6: [Forgery] {
    let everyone = Site.prefix6.address.rawValue
    return [
      udp6("its neighbour's address", from: neighbor.global),
      udp6("its neighbour's link-local address", from: neighbor.linkLocal, to: .allNodes),
      udp6("the host's address", from: IPv6Address(rawValue: everyone | 1)),
      udp6("the gateway's address", from: Network.gateway6, to: .allNodes),
      udp6("an address of nobody's in its prefix", from: IPv6Address(rawValue: everyone | 0x99)),
      udp6("an address of another prefix", from: "2001:db8:ffff::1"),
      udp6("no address", from: IPv6Address(rawValue: 0), to: .allNodes),
      udp6("the loopback address", from: IPv6Address(rawValue: 1)),
      udp6("its own address with its neighbour's MAC", from: own.global, mac: neighbor.mac),
      udp6("its own address with a stranger's MAC", from: own.global, mac: Self.stranger),
      udp6("both of its neighbour", from: neighbor.global, mac: neighbor.mac),
    ]
  }

  private var solicitations: [Forgery] {
    let nobody = IPv6Address(rawValue: 0)
    let ask = { (target: IPv6Address) in ICMPv6Message.neighborSolicitation(for: target, from: own.mac) }
    let free = { (target: IPv6Address) in ICMPv6Message(type: 135, body: [0, 0, 0, 0] + target.bytes) }
    return [
      icmpv6("a question of its neighbour's", ask(Network.gateway6), from: neighbor.linkLocal),
      icmpv6("a question of the gateway's", ask(neighbor.global), from: Network.gateway6),
      icmpv6("a question with another MAC", ask(Network.gateway6), from: own.linkLocal, mac: Self.stranger),
      icmpv6("whether its neighbour's address is free", free(neighbor.global), from: nobody),
      icmpv6("whether its neighbour's link-local address is free", free(neighbor.linkLocal), from: nobody),
      icmpv6("whether the gateway's address is free", free(Network.gateway6), from: nobody),
      icmpv6("whether its own is free, with another MAC", free(own.global), from: nobody, mac: Self.stranger),
      icmpv6("whether no address is free", free(nobody), from: nobody),
      icmpv6("who routes, of its neighbour's", .routerSolicitation(from: own.mac), from: neighbor.linkLocal),
      // The answer to this would go to all.
      icmpv6("who routes, of nobody", ICMPv6Message(type: 133, body: [0, 0, 0, 0]), from: nobody, to: .allRouters),
      icmpv6(
        "who routes, with another MAC", .routerSolicitation(from: own.mac), from: own.linkLocal, mac: neighbor.mac),
      icmpv6("who routes, at its neighbour's MAC", .routerSolicitation(from: neighbor.mac), from: own.linkLocal),
      icmpv6(
        "a question at its neighbour's MAC", .neighborSolicitation(for: Network.gateway6, from: neighbor.mac),
        from: own.linkLocal),
      icmpv6(
        "a question with two options",
        twice(ask(Network.gateway6), .neighborSolicitation(for: nobody, from: neighbor.mac)),
        from: own.linkLocal),
      icmpv6(
        "which groups it listens to, asked of all", ICMPv6Message(type: 130, body: [0, 0, 0, 0] + nobody.bytes),
        from: own.linkLocal),
      icmpv6("a message of type 138", ICMPv6Message(type: 138, body: [0, 0, 0, 0]), from: own.linkLocal),
      icmpv6("a question for names", ICMPv6Message(type: 139, body: [0, 0, 0, 0]), from: own.linkLocal),
    ]
  }

  /// A message with the last option of another behind its own.
  private func twice(_ message: ICMPv6Message, _ other: ICMPv6Message) -> ICMPv6Message {
    var message = message
    message.body += other.body.suffix(8)
    return message
  }

  private var advertisements: [Forgery] {
    let router = ICMPv6Message.routerAdvertisement(from: own.mac, prefix: "2001:db8:bad::")
    let redirect = ICMPv6Message(type: 137, body: [0, 0, 0, 0] + own.linkLocal.bytes + Site.server6.bytes)
    return [
      icmpv6(
        "a claim to be the gateway", .neighborAdvertisement(of: Network.gateway6, at: own.mac), from: own.linkLocal),
      icmpv6(
        "a claim to be its neighbour", .neighborAdvertisement(of: neighbor.global, at: own.mac), from: own.global),
      icmpv6(
        "a claim to be its neighbour, of the neighbour's", .neighborAdvertisement(of: neighbor.linkLocal, at: own.mac),
        from: neighbor.linkLocal),
      icmpv6(
        "a true claim in its neighbour's name", .neighborAdvertisement(of: own.global, at: own.mac),
        from: neighbor.global),
      icmpv6("a router advertisement", router, from: own.linkLocal),
      icmpv6("a router advertisement of its global address", router, from: own.global),
      icmpv6("a router advertisement of the gateway's", router, from: Network.gateway6),
      icmpv6("a router advertisement behind options", router, from: own.linkLocal) { $0.withDestinationOptions() },
      icmpv6("a router advertisement behind many options", router, from: own.linkLocal) {
        $0.withDestinationOptions(20)
      },
      icmpv6(
        "its own address at its neighbour's MAC", .neighborAdvertisement(of: own.global, at: neighbor.mac),
        from: own.global),
      icmpv6("a redirect", redirect, from: own.linkLocal),
      icmpv6("a redirect of the gateway's", redirect, from: Network.gateway6),
    ]
  }

  private var servers: [Forgery] {
    let answer = { (name: String, source: IPv6Address, target: IPv6Address) in
      udp6(name, from: source, to: target, at: .broadcast, ports: (547, 546))
    }
    return [
      answer("an answer of DHCPv6", own.linkLocal, .allNodes),
      answer("an answer of DHCPv6 from its global address", own.global, neighbor.global),
      answer("an answer of DHCPv6 of the gateway's", Network.gateway6, .allNodes),
      udp6(
        "an answer of DHCPv6 from another port", from: own.linkLocal, to: .allNodes, at: .broadcast, ports: (4_000, 546)
      ),
      six("a datagram that is to go by its neighbour") { mark in
        var packet = IPv6Packet.udp(
          UDPDatagram(from: 40_000, to: 7, payload: mark.bytes), from: own.global, to: Site.server6)
        packet.payload = [packet.nextHeader.rawValue, 2, 4, 1, 0, 0, 0, 0] + neighbor.global.bytes + packet.payload
        packet.nextHeader = .init(rawValue: 43)
        return packet
      },
      six("an answer of DHCPv6 behind options") { mark in
        IPv6Packet.udp(UDPDatagram(from: 547, to: 546, payload: mark.bytes), from: own.linkLocal, to: .allNodes)
          .withDestinationOptions()
      },
    ]
  }

  /// What is seen to be forbidden only when it is put together again: of each, the parts that matter.
  private var hidden: [Forgery] {
    let router = { (mark: Mark) in
      IPv6Packet.icmpv6(
        .routerAdvertisement(from: own.mac).marked(mark), from: own.linkLocal, to: .allNodes)
    }
    let server = { (mark: Mark) in
      IPv6Packet.udp(UDPDatagram(from: 547, to: 546, payload: mark.bytes), from: own.linkLocal, to: .allNodes)
    }
    return [
      six("a router advertisement in one fragment") { router($0).fragment(from: 0) },
      six("the first part of a router advertisement") { router($0).fragment(from: 0, to: 40) },
      six("the rest of a router advertisement") { router($0).fragment(from: 24) },
      six("options in front of a router advertisement") { mark in
        var packet = router(mark).withDestinationOptions(3)
        packet.payload.replaceSubrange(6..<6 + mark.bytes.count, with: mark.bytes)
        return packet.fragment(from: 0, to: 24)
      },
      six("a router advertisement behind a first part of options") {
        router($0).withDestinationOptions(2).fragment(from: 16)
      },
      six("half of the options in front of something") { mark in
        var packet = router(mark).withDestinationOptions(4)
        packet.payload.replaceSubrange(6..<6 + mark.bytes.count, with: mark.bytes)
        return packet.fragment(from: 0, to: 24)
      },
      six("an answer of DHCPv6 in one fragment") { server($0).fragment(from: 0) },
      six("an answer of DHCPv6 behind a first part of options") {
        server($0).withDestinationOptions(2).fragment(from: 16)
      },
      six("options in front of an answer of DHCPv6") { mark in
        var packet = server(mark).withDestinationOptions(3)
        packet.payload.replaceSubrange(6..<6 + mark.bytes.count, with: mark.bytes)
        return packet.fragment(from: 0, to: 24)
      },
      six("an echo request in fragments") { mark in
        IPv6Packet.icmpv6(
          ICMPv6Message(type: 128, body: [0, 1, 0, 1] + mark.bytes), from: own.global, to: Site.server6
        ).fragment(from: 0)
      },
      six("a header that does not end") { mark in
        IPv6Packet(
          source: own.global, destination: Site.server6, nextHeader: .init(rawValue: 60),
          payload: [17, 200] + mark.bytes)
      },
    ]
  }

  /// What a guest may send: all of this passes its guard.
  var rightful6: [Forgery] {
    let nobody = IPv6Address(rawValue: 0)
    let ask = ICMPv6Message.neighborSolicitation(for: Network.gateway6, from: own.mac)
    let free = { (target: IPv6Address) in ICMPv6Message(type: 135, body: [0, 0, 0, 0] + target.bytes) }
    let long = { (mark: Mark) in
      IPv6Packet.udp(
        UDPDatagram(from: 40_000, to: 7, payload: mark.bytes + [UInt8](repeating: 0, count: 60) + mark.bytes),
        from: own.global, to: Site.server6)
    }
    return [
      udp6("a datagram", from: own.global),
      udp6("a datagram on its link", from: own.linkLocal, to: .allNodes),
      udp6("a question of DHCPv6", from: own.linkLocal, to: "ff02::1:2", ports: (546, 547)),
      six("a datagram behind options", at: gateway.mac) { long($0).withDestinationOptions() },
      six("the first fragment of a datagram", at: gateway.mac) { long($0).fragment(from: 0, to: 64) },
      six("the last fragment of a datagram", at: gateway.mac) { long($0).fragment(from: 64) },
      six("an echo request", at: gateway.mac) { mark in
        .icmpv6(
          ICMPv6Message(type: 128, body: [0, 1, 0, 1] + mark.bytes), from: own.global, to: Site.server6)
      },
      icmpv6("who the gateway is", ask, from: own.linkLocal, to: Network.gateway6.solicitedNodeGroup),
      icmpv6(
        "who the gateway is, of its global address", ask, from: own.global, to: Network.gateway6.solicitedNodeGroup),
      icmpv6("whether its address is free", free(own.global), from: nobody, to: own.global.solicitedNodeGroup),
      icmpv6(
        "whether its link-local address is free", free(own.linkLocal), from: nobody,
        to: own.linkLocal.solicitedNodeGroup),
      icmpv6("where it is", .neighborAdvertisement(of: own.global, at: own.mac), from: own.global),
      icmpv6("where it is on its link", .neighborAdvertisement(of: own.linkLocal, at: own.mac), from: own.linkLocal),
      icmpv6("who routes", .routerSolicitation(from: own.mac), from: own.linkLocal, to: .allRouters),
    ]
  }
}

extension Forgery {
  /// Whether it is but a part of a packet, which connection tracking keeps until it has the others.
  var isFragment: Bool { frame.ipv6?.nextHeader.rawValue == 44 }
}

extension ICMPv6Message {
  /// With a mark as a nonce, so that neighbour discovery finds nothing amiss.
  fileprivate func marked(_ mark: Mark) -> ICMPv6Message {
    var message = self
    message.body += [14, 2] + mark.bytes + [0, 0, 0]
    return message
  }
}
