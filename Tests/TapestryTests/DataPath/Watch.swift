import NetTypes
import Synchronization
import TestKit

/// Bytes in a frame by which it is known wherever it turns up, whatever became of its headers.
struct Mark: Hashable, Sendable {
  private let number: Int
  private static let count = Atomic<Int>(100_000)
  private static let prefix = Array("mark-".utf8)
  private static let length = prefix.count + 6

  init() { number = Self.count.add(1, ordering: .relaxed).newValue }

  /// Finds the first mark in `bytes`, or in the header of IPv6 that they begin with; nil when there is none.
  init?(in bytes: [UInt8]) {
    if let flow = (try? IPv6Packet(parsing: bytes))?.flow, flow >> 20 == Self.trafficClass {
      number = Int(flow & 0xf_ffff)
      return
    }
    guard let start = bytes.firstRange(of: Self.prefix)?.lowerBound else { return nil }
    let digits = bytes.dropFirst(start).prefix(Self.length).dropFirst(Self.prefix.count)
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    self.number = number
  }

  /// As the flow of a packet of IPv6, in whose message no byte is free.
  var flow: UInt32 { Self.trafficClass << 20 | UInt32(number & 0xf_ffff) }
  /// One that nothing else uses.
  private static let trafficClass: UInt32 = 0xe4

  var bytes: [UInt8] { Self.prefix + Array("\(number)".utf8) }
}

/// Looks out for marked frames on links of the host.
final class Watch: Sendable {
  private struct Post: Sendable {
    let place: String
    let socket: PacketSocket
    let prefix: IPv4Prefix
  }

  private let host: TestNamespace
  private let posts = Mutex<[Post]>([])
  private let beacon: UDPSocket
  private let rounds = Atomic<UInt32>(0)

  init(on host: TestNamespace) async throws {
    self.host = host
    beacon = try await UDPSocket(in: host)
  }

  /// Watches a link of the host that leads to, or is on the way to, the addresses of `prefix`.
  func add(_ place: String, _ interface: String, _ prefix: IPv4Prefix) async throws {
    let post = Post(place: place, socket: try await PacketSocket(in: host, interface: interface), prefix: prefix)
    posts.withLock { $0.append(post) }
  }

  /// The places where each mark was seen since the last time.
  ///
  /// Nobody waits for time to pass: the host asks by ARP for an address of each prefix that nobody has, and what every
  /// link has carried before its request is complete when the request is seen there.
  func sightings() async throws -> [Mark: Set<String>] {
    let posts = posts.withLock { $0 }
    let round = rounds.add(1, ordering: .relaxed).newValue
    for prefix in Set(posts.map(\.prefix)) {
      try beacon.send("anybody?", to: Endpoint(prefix.nobody(in: round), 9))
    }
    var sightings: [Mark: Set<String>] = [:]
    for post in posts {
      let question = await post.socket.captured {
        $0.frame.arp?.targetIP == post.prefix.nobody(in: round)
      }
      guard question != nil else { throw Blind(place: post.place) }
      for capture in post.socket.captures.takeAll() {
        if let mark = Mark(in: capture.frame.payload) { sightings[mark, default: []].insert(post.place) }
      }
    }
    return sightings
  }

  /// A place where not even what must be seen is seen.
  struct Blind: Error {
    let place: String
  }
}

extension IPv4Prefix {
  /// An address at the far end, another each time.
  fileprivate func nobody(in round: UInt32) -> IPv4Address { IPv4Address(rawValue: lastAddress.rawValue - 1 - round) }
}
