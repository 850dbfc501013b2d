import Glibc
import Linux
public import NetTypes
import Synchronization

/// All that the IP stack of a namespace takes for its own, after every filter: raw sockets, raw(7), of the protocols that
/// matter, in both families.
public final class HostDeliveries: Sendable {
  public struct Delivery: Hashable, Sendable {
    public var protocolNumber: UInt8
    public var source: IPAddress
    /// Of IPv4 the whole packet; of IPv6 what its headers carry.
    public var bytes: [UInt8]

    public init(protocolNumber: UInt8, source: IPAddress, bytes: [UInt8]) {
      self.protocolNumber = protocolNumber
      self.source = source
      self.bytes = bytes
    }
  }

  /// What has been delivered and was not taken.
  public let deliveries = Inbox<Delivery>()
  private let thread: DescriptorThread
  private let rounds = Atomic<UInt32>(0)

  private static let protocols4: [UInt8] = [1, 2, 4, 6, 17, 41, 47, 50, 132, 253]
  private static let protocols6: [UInt8] = [6, 17, 41, 47, 58, 132, 253]
  private static let kinds = protocols4.map { (AF_INET, $0) } + protocols6.map { (AF_INET6, $0) }
  private static let magic = Array("deliveries".utf8)

  public init(in namespace: TestNamespace) async throws {
    let sockets = try await namespace.run {
      try Self.kinds.map { try RawSocket.open($0.0, protocolNumber: $0.1) }
    }
    thread = try DescriptorThread(name: "deliveries", sockets) { [deliveries] index, socket in
      while let (bytes, source) = try? IPSocket.receive(socket) {
        deliveries.add(Delivery(protocolNumber: Self.kinds[index].1, source: source.ip, bytes: bytes))
      }
      return true
    }
    namespace.atEnd { [thread] in await thread.stop() }
  }

  /// Everything since the last time. Nobody waits for time to pass: each socket sends itself a packet over the loopback,
  /// and what was delivered before that is complete when that is there.
  public func takeAll() async throws -> [Delivery] {
    let round = rounds.add(1, ordering: .relaxed).newValue
    for (index, (family, _)) in Self.kinds.enumerated() {
      let loopback = family == AF_INET ? IPAddress.v4(IPv4Address(127, 0, 0, 1)) : .v6(IPv6Address(rawValue: 1))
      var endpoint = Endpoint(IPv4Address(127, 0, 0, 1), 0)
      endpoint.ip = loopback
      try IPSocket.send(Self.beacon(round, index), on: try thread.descriptor(index), to: endpoint)
    }
    for index in Self.kinds.indices {
      let beacon = Self.beacon(round, index).dropFirst(4)
      guard
        await deliveries.take(
          within: .patience, matching: { $0.bytes.count < 60 && $0.bytes.suffix(beacon.count) == beacon })
          != nil
      else { throw KernelError("hear oneself by protocol \(Self.kinds[index].1)", .timedOut) }
    }
    return deliveries.takeAll().filter { $0.bytes.firstRange(of: Self.magic) == nil }
  }

  /// Begins with a type of ICMP that nobody knows.
  private static func beacon(_ round: UInt32, _ index: Int) -> [UInt8] {
    var bytes: [UInt8] = [200, 0, 0, 0] + magic
    bytes.append(bigEndian: round)
    return bytes + [UInt8(index)]
  }
}

/// A socket that sends whole IP packets, of whomever: IPPROTO_RAW.
public final class PacketSender: Sendable {
  private let four: SharedDescriptor
  private let six: SharedDescriptor

  public init(in namespace: TestNamespace) async throws {
    (four, six) = try await namespace.run {
      (try RawSocket.open(AF_INET, protocolNumber: 255), try RawSocket.open(AF_INET6, protocolNumber: 255))
    }
  }

  public func send(_ packet: IPv4Packet) throws {
    try IPSocket.send(packet.bytes, on: four, to: Endpoint(packet.destination, 0))
  }

  public func send(_ packet: IPv6Packet) throws {
    try IPSocket.send(packet.bytes, on: six, to: Endpoint(packet.destination, 0))
  }
}

enum RawSocket {
  static func open(_ family: Int32, protocolNumber: UInt8) throws(KernelError) -> SharedDescriptor {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(family, type, Int32(protocolNumber))
    guard number >= 0 else { throw KernelError("open a raw socket", Errno(rawValue: errno)) }
    return SharedDescriptor(owning: OwnedFileDescriptor(owning: number))
  }
}
