import Glibc
import Linux
import NFTables
import NetTypes
import RouteNetlink
import Tapestry

/// A separate host with guests, and a namespace that stands for the internet. One guest sends packets to the latter.
final class Packets {
  /// The maximum number of testbeds in one run.
  static let maximumTestbeds = 6
  // The path of every packet: TAP, host, NAT, the far end of the uplink.
  private static let host = IPv4Address(198, 51, 100, 1)
  private static let server = IPv4Address(198, 51, 100, 9)

  private let testbed: Testbed
  private let tap: TapDevice
  private var internet: RouteSocket
  private let frame: [UInt8]
  /// The time for a packet, of each round that is kept.
  private(set) var samples: [Duration] = []

  private static let serverMAC = MACAddress(2, 0, 0, 0x51, 0x64, 9)

  /// Moves the calling thread into the host's namespace.
  init(mode: Network.Mode, guests: Int, statePath: String) throws {
    try Sandbox.unshare()
    internet = try RouteSocket()
    let outside = try NetworkNamespace.current()
    try Sandbox.unshare()
    try Self.connect(to: outside)
    var batch = RouteBatch()
    batch.set(.up(.name("isp")))
    try internet.apply(batch)
    testbed = try Testbed(mode: mode, statePath: statePath)
    let attachment = try testbed.engine.attach(testbed.request(0))
    for number in 1..<max(1, guests) { _ = try testbed.engine.attach(testbed.request(number)) }
    tap = try TapDevice(name: attachment.tapName, exclusive: false)
    frame = Frame.datagram(
      from: attachment, to: Self.server, at: try Self.gateway(of: attachment, tap.descriptor.rawValue))
  }

  private static func connect(to outside: borrowing NetworkNamespace) throws {
    var peer = VethPeer(InterfaceName(known: "isp"))
    peer.macAddress = serverMAC
    peer.namespace = outside.fileDescriptor
    var link = NewLink(InterfaceName(known: "uplink"), .veth(peer: peer))
    link.isUp = true
    var route = try RouteSocket()
    var batch = RouteBatch()
    batch.create(link)
    try route.apply(batch)
    let index = try route.link(named: "uplink")?.index ?? 0
    var rest = RouteBatch()
    rest.replace(InterfaceAddress(.v4(host), prefixLength: 24, linkIndex: index))
    rest.replace(.permanent(.v4(server), serverMAC, linkIndex: index))
    try route.apply(rest)
  }

  /// Resolves the MAC of the guest's gateway by ARP. The kernel takes up to a second to notice the TAP's carrier.
  private static func gateway(of attachment: Attachment, _ tap: Int32) throws -> MACAddress {
    let request = Frame.arpRequest(from: attachment)
    var reply = [UInt8](repeating: 0, count: 2048)
    for _ in 0..<500 {
      _ = unsafe write(tap, request, request.count)
      let deadline = ContinuousClock.now + .milliseconds(20)
      while ContinuousClock.now < deadline {
        guard try Poll.isReadable(tap, within: .milliseconds(20)) else { break }
        let count = unsafe read(tap, &reply, reply.count)
        if count > 0, let mac = Frame.sender(ofARPReply: reply.prefix(count), from: attachment.gatewayIP) {
          return mac
        }
      }
    }
    throw TapestryError(.kernelRefused, "The benchmark failed: the gateway \(attachment.gatewayIP) does not answer ARP")
  }

  /// Deletes every nftables table.
  func removeRuleset() throws {
    var socket = try NFTablesSocket()
    var transaction = Transaction()
    for family in [Family.bridge, .arp, .inet, .ip] {
      for table in try socket.tables(family) { transaction.destroy(table.id) }
    }
    try socket.apply(transaction)
  }

  /// Sends packets and waits until the kernel has processed them: write(2) returns after a packet written to a TAP has
  /// passed through the kernel. The sample is the time for each packet that arrived at the far end; there is none if
  /// fewer than 90 % arrived.
  func send(_ count: Int, isKept: Bool) throws {
    let before = try receivedPackets()
    let duration = time {
      for _ in 0..<count { _ = unsafe write(tap.descriptor.rawValue, frame, frame.count) }
    }
    let arrivals = Int(try receivedPackets() - before)
    if isKept, arrivals * 10 >= count * 9 { samples.append(duration / arrivals) }
  }

  private func receivedPackets() throws -> UInt64 {
    try internet.link(named: "isp", statistics: true)?.receivedPackets ?? 0
  }
}

extension Benchmark {
  /// Measures the time of a packet from a guest's TAP to the internet, with few and with many guests attached.
  func measurePackets(_ directory: String) throws -> Report.Section {
    let counts = [1, 100, 1000].filter { $0 < guests } + [guests]
    var section = Report.Section(name: "packets", title: "a packet from a guest to the internet")
    var testbeds: [Packets] = []
    for (index, count) in (counts + [1]).enumerated() {
      try progress("packets: attach", index, counts.count + 1)
      testbeds.append(try Packets(mode: mode, guests: count, statePath: "\(directory)/testbed-\(index).db"))
    }
    try testbeds[counts.count].removeRuleset()
    let rounds = max(20, min(400, guests * 4))
    for round in 0..<rounds {
      try progress("packets", round, rounds)
      // Alternately, starting with another testbed each round. Samples of the first round are discarded.
      for index in testbeds.indices { try testbeds[(index + round) % testbeds.count].send(200, isKept: round > 0) }
    }
    for (index, count) in counts.enumerated() {
      section.add(
        count == 1 ? "1 guest" : "\(count) guests", testbeds[index].samples,
        ratio: index == 0 ? nil : .init(testbeds[0].samples, to: testbeds[index].samples, "throughput with 1 guest"))
    }
    section.add(
      "no ruleset", testbeds[counts.count].samples, to: testbeds[0].samples, "time with 1 guest")
    return section
  }
}
