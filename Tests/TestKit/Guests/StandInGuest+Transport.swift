public import NetTypes
import Synchronization

extension StandInGuest {
  /// Nobody has told the guest a MAC address to send to.
  public struct Unreachable: Error, CustomStringConvertible {
    public let target: IPAddress

    public var description: String { "nobody says to be on the way to \(target)" }
  }

  /// Sends one UDP datagram.
  /// - Throws: `Unreachable` when there is nobody to hand it to within `limit`.
  public func sendUDP(
    _ payload: [UInt8], to target: IPAddress, port: UInt16, from sourcePort: UInt16 = 40_000,
    within limit: Duration = .patience
  ) async throws {
    guard let own = ownAddress(target.family), let hop = try await nextHop(to: target, within: limit) else {
      throw Unreachable(target: target)
    }
    let datagram = UDPDatagram(from: sourcePort, to: port, payload: payload)
    try send(.udp(datagram, from: own, to: target, by: mac, at: hop))
  }

  public func sendUDP(
    _ payload: [UInt8], to target: some InternetAddress, port: UInt16, from sourcePort: UInt16 = 40_000,
    within limit: Duration = .patience
  ) async throws {
    try await sendUDP(payload, to: IPAddress(target), port: port, from: sourcePort, within: limit)
  }

  /// Takes the first UDP datagram for an address of the guest's and `port`, of any port when nil, out of `arrivals`.
  /// - Returns: nil when none with a right checksum has come within `limit`.
  public func receiveUDP(port: UInt16? = nil, within limit: Duration = .patience) async -> Datagram? {
    let own = Set(IPFamily.allCases.compactMap(ownAddress))
    let frame = await received(within: limit) { [mac] frame in
      guard frame.destination == mac, let target = frame.addresses?.destination, own.contains(target),
        let udp = frame.udp
      else { return false }
      return port == nil || udp.destinationPort == port
    }
    guard let (source, target) = frame?.addresses, let udp = frame?.udp else { return nil }
    return Datagram(
      source: Endpoint(source, udp.sourcePort), destination: Endpoint(target, udp.destinationPort),
      payload: udp.payload)
  }

  /// Sends a datagram until one has come back from where it was sent.
  /// - Returns: The payload of the answer; nil when none has come within `limit`.
  public func exchangeUDP(
    _ payload: [UInt8], with target: IPAddress, port: UInt16, within limit: Duration = .patience
  ) async throws -> [UInt8]? {
    let deadline = ContinuousClock.now + limit
    guard let own = ownAddress(target.family), let hop = try await nextHop(to: target, within: limit) else {
      return nil
    }
    let sourcePort = ephemeralPort()
    let datagram = UDPDatagram(from: sourcePort, to: port, payload: payload)
    let frame = EthernetFrame.udp(datagram, from: own, to: target, by: mac, at: hop)
    let answer = try await sendRepeatedly(frame, within: deadline - ContinuousClock.now) { [mac] frame in
      guard frame.destination == mac, frame.addresses.map({ $0 == (target, own) }) == true, let udp = frame.udp else {
        return false
      }
      return udp.sourcePort == port && udp.destinationPort == sourcePort
    }
    return answer?.udp?.payload
  }

  public func exchangeUDP(
    _ payload: [UInt8], with target: some InternetAddress, port: UInt16, within limit: Duration = .patience
  ) async throws -> [UInt8]? {
    try await exchangeUDP(payload, with: IPAddress(target), port: port, within: limit)
  }

  /// What answers the first segment of a TCP connection.
  public enum TCPAnswer: Hashable, Sendable {
    /// SYN and ACK: somebody listens.
    case accepted
    /// RST.
    case refused
    /// An ICMP "destination unreachable" with this code, as a `reject` rule sends it.
    case unreachable(code: UInt8)
    /// Nothing within the time.
    case silence
  }

  /// Asks for a TCP connection and tells what answers; one that was accepted is reset at once.
  public func probeTCP(
    _ target: IPAddress, port: UInt16, within limit: Duration = .patience
  ) async throws -> TCPAnswer {
    let deadline = ContinuousClock.now + limit
    guard let own = ownAddress(target.family), let hop = try await nextHop(to: target, within: limit) else {
      return .silence
    }
    let sourcePort = ephemeralPort()
    let sequence: UInt32 = 0x5eed_0000
    var syn = TCPSegment(from: sourcePort, to: port, flags: .syn, sequence: sequence)
    // A maximum segment size of 1460.
    syn.options = [2, 4, 0x05, 0xb4]
    let frame = EthernetFrame.tcp(syn, from: own, to: target, by: mac, at: hop)
    let answer = try await sendRepeatedly(frame, within: deadline - ContinuousClock.now) { [mac] frame in
      guard frame.destination == mac, let (source, destination) = frame.addresses, destination == own else {
        return false
      }
      if let tcp = frame.tcp {
        return source == target && tcp.sourcePort == port && tcp.destinationPort == sourcePort
      }
      return frame.unreachableCode(from: own, port: sourcePort, to: target) != nil
    }
    if let code = answer?.unreachableCode(from: own, port: sourcePort, to: target) { return .unreachable(code: code) }
    guard let answer else { return .silence }
    guard let tcp = answer.tcp, tcp.flags.contains([.syn, .ack]) else { return .refused }
    let reset = TCPSegment(from: sourcePort, to: port, flags: .rst, sequence: tcp.acknowledgement)
    try send(.tcp(reset, from: own, to: target, by: mac, at: hop))
    return .accepted
  }

  public func probeTCP(
    _ target: some InternetAddress, port: UInt16, within limit: Duration = .patience
  ) async throws -> TCPAnswer {
    try await probeTCP(IPAddress(target), port: port, within: limit)
  }

  func ephemeralPort() -> UInt16 {
    49_152 + identifiers.wrappingAdd(1, ordering: .relaxed).newValue % 16_384
  }
}
