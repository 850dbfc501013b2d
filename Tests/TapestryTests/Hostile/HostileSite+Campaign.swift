import NetTypes
import Tapestry
import TestKit
import Testing

/// A rule that is broken, with an attempt that breaks it.
struct HostileFinding: Sendable {
  var arrival: HostileArrival
  /// nil where no single one does.
  var attempt: HostileAttempt?
  var count = 1
}

extension HostileSite {
  private static let batch = 25

  /// A liar's whole share: batch after batch, among what others send meanwhile.
  func campaign(_ liar: Liar, number: Int, seed: UInt64) async throws -> [HostileFinding] {
    var findings: [String: HostileFinding] = [:]
    var liar = liar
    // What is left of before.
    _ = try await judged(liar.rights, liar.guest)
    for start in stride(from: 0, to: HostileRun.share, by: Self.batch) {
      let round = UInt32(number * 0x10_0000 + start)
      liar.rights.world.fragmented = fragmented(liar, identification: round)
      let world = liar.rights.world
      let attempts = (start..<min(HostileRun.share, start + Self.batch)).map {
        HostileGenerator.attempt(
          seed: seed, index: UInt32($0), in: world, offloads: liar.guest.usesVirtioNetHeader)
      }
      try bustle(.begin, world, identification: round)
      var arrivals: [HostileArrival]
      do {
        arrivals = try await self.arrivals(of: attempts, from: liar)
        try bustle(.end, world, identification: round)
        arrivals += try await judged(liar.rights, liar.guest)
      } catch let lost as HostileVictims.Lost {
        throw HostileVictims.Lost(description: "\(lost), after\n\(attempts.map(\.description).joined(separator: "\n"))")
      }

      for arrival in arrivals {
        let key = "\(arrival.place): \(arrival.rule)"
        if findings[key] != nil {
          findings[key]?.count += 1
          continue
        }
        var finding = HostileFinding(arrival: arrival)
        finding.attempt = attempts.first { $0.index == arrival.mark?.number }
        if finding.attempt == nil { finding.attempt = try await culprit(of: arrival, among: attempts, liar) }
        if let attempt = finding.attempt { finding.attempt = try await minimal(attempt, arrival, liar) }
        findings[key] = finding
      }
    }
    return findings.sorted { $0.key < $1.key }.map(\.value)
  }

  private func isSame(_ one: HostileArrival, _ other: HostileArrival) -> Bool {
    one.place == other.place && one.rule == other.rule
  }

  /// Of attempts whose marks did not survive, the one that did it.
  private func culprit(
    of arrival: HostileArrival, among attempts: [HostileAttempt], _ liar: Liar
  ) async throws -> HostileAttempt? {
    for attempt in attempts
    where try await arrivals(of: [attempt], from: liar).contains(where: { isSame($0, arrival) }) { return attempt }
    return nil
  }

  /// Less and less of an attempt, as long as it breaks the same rule.
  private func minimal(
    _ attempt: HostileAttempt, _ arrival: HostileArrival, _ liar: Liar
  ) async throws -> HostileAttempt {
    var best = attempt
    var step = 0
    while step < best.simplifications.count {
      let simpler = best.simplifications[step]
      if simpler != best,
        try await arrivals(of: [simpler], from: liar).contains(where: { isSame($0, arrival) })
      {
        best = simpler
        step = 0
      } else {
        step += 1
      }
    }
    return best
  }

  // MARK: What others send meanwhile

  private func fragmented(_ liar: Liar, identification: UInt32) -> [HostileWorld.Fragmented] {
    let world = liar.rights.world
    return [
      .init(from: .v4(Site.server), to: .v4(Site.hostAddress), identification: identification & 0xffff),
      .init(from: .v4(world.neighbor.address), to: .v4(Self.far), identification: identification & 0xffff),
      .init(from: .v6(Site.server6), to: .v6(Site.hostAddress6), identification: identification),
    ]
  }

  private enum Part {
    case begin, end

    /// In bytes: of a datagram of 64, the first fragment, and then the last and the middle.
    var ranges: [Range<Int>] { self == .begin ? [0..<16] : [48..<64, 16..<48] }
  }

  /// Datagrams of others' in fragments, between which there is time, and a neighbour that asks for its address.
  private func bustle(_ part: Part, _ world: HostileWorld, identification: UInt32) throws {
    let datagram = UDPDatagram(from: 7, to: 7, payload: [UInt8](repeating: 0x61, count: 56))
    func four(_ source: IPv4Address, _ target: IPv4Address, _ range: Range<Int>) -> IPv4Packet {
      var packet = IPv4Packet.udp(datagram, from: source, to: target)
      packet.identification = UInt16(truncatingIfNeeded: identification)
      packet.fragmentOffset = UInt16(range.lowerBound / 8)
      packet.moreFragments = range.upperBound < 64
      packet.payload = Array(packet.payload[range])
      return packet
    }
    for range in part.ranges {
      try outsider.send(four(Site.server, Site.hostAddress, range))
      let six = IPv6Packet.udp(datagram, from: Site.server6, to: Site.hostAddress6)
      try outsider.send(
        six.fragment(from: range.lowerBound, to: range.upperBound, identification: identification))
      try neighbor.send(.ipv4(four(neighbor.address, Self.far, range), from: neighbor.mac, to: world.gateway.mac))
    }
    if scenario.hasNames, scenario.mode == .bridge, part == .begin {
      let discover = DHCPMessage(.discover, transaction: identification, of: neighbor.mac)
      var bytes = discover.bytes
      // The answer goes to all.
      bytes[10] = 0x80
      let nobody = IPv4Address(rawValue: 0)
      let packet = IPv4Packet.udp(
        UDPDatagram(from: 68, to: 67, payload: bytes), from: nobody, to: IPv4Address(rawValue: .max))
      try neighbor.send(.ipv4(packet, from: neighbor.mac, to: .broadcast))
    }
  }
}

extension HostileAttempt {
  /// The same with one thing less.
  fileprivate var simplifications: [HostileAttempt] {
    var simpler: [HostileAttempt] = []
    if frames.count > 1 {
      for index in frames.indices {
        var attempt = self
        attempt.frames.remove(at: index)
        simpler.append(attempt)
      }
    }
    let changes: [(inout HostileFrame) -> Void] = [
      { $0.header = VirtioNetHeader() },
      { $0.header.segmentation = 0 },
      { frame in
        guard frame.bytes.count > 18, [[0x81, 0], [0x88, 0xa8], [0x91, 0]].contains(Array(frame.bytes[12..<14])) else {
          return
        }
        frame.bytes.removeSubrange(12..<16)
      },
      { frame in
        guard let ethernet = try? EthernetFrame(parsing: frame.bytes), var packet = ethernet.ipv4,
          !packet.options.isEmpty
        else { return }
        packet.options = []
        frame.bytes = EthernetFrame.ipv4(packet, from: ethernet.source, to: ethernet.destination).bytes
      },
      { frame in
        guard let ethernet = try? EthernetFrame(parsing: frame.bytes), var packet = ethernet.ipv4, packet.isFragment
        else { return }
        packet.moreFragments = false
        packet.fragmentOffset = 0
        frame.bytes = EthernetFrame.ipv4(packet, from: ethernet.source, to: ethernet.destination).bytes
      },
    ]
    for change in changes {
      var attempt = self
      for index in attempt.frames.indices { change(&attempt.frames[index]) }
      if attempt != self { simpler.append(attempt) }
    }
    return simpler
  }
}
