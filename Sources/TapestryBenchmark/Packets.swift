import Glibc
import Linux
import NFTables
import NetTypes
import RouteNetlink
import Tapestry

/// A separate host with guests, and a namespace that stands for the internet. One guest exchanges packets with the latter.
final class Packets {
  /// What the host does with packets.
  enum Rules {
    /// Our tables.
    case ours
    /// One rule that masquerades, and no checksum filter: what most setups by hand come to.
    case masquerade
    /// No netfilter at all.
    case none
  }

  enum Traffic: CaseIterable {
    /// From the guest, of a connection that was answered.
    case established
    /// To the guest, of the same connection.
    case replies
    /// From the guest. Each packet begins a connection.
    case beginnings
  }

  /// The maximum number of testbeds in one run.
  static let maximumTestbeds = 6
  // The path of every packet: TAP, host, NAT, the far end of the uplink.
  private static let host = IPv4Address(198, 51, 100, 1)
  private static let server = IPv4Address(198, 51, 100, 9)
  private static let uplink = InterfaceName(known: "uplink")

  private let testbed: Testbed
  private let attachment: Attachment
  private let tap: TapDevice
  private var route: RouteSocket
  private var internet: RouteSocket
  /// nil if no packet arrives, as from a clone without rules.
  private let farEnd: FarEnd?
  private var frame: [UInt8]
  /// Below the ports that the kernel chooses.
  private var port: UInt16 = 1024
  /// The time for a packet, of each round that is kept.
  private(set) var samples: [Traffic: [Duration]] = [:]

  private static let serverMAC = MACAddress(2, 0, 0, 0x51, 0x64, 9)

  /// Moves the calling thread into the host's namespace.
  init(mode: Network.Mode, guests: Int, _ rules: Rules, statePath: String) throws {
    try Sandbox.unshare()
    internet = try RouteSocket()
    let outside = try NetworkNamespace.current()
    try Sandbox.unshare()
    let inside = try NetworkNamespace.current()
    route = try RouteSocket()
    try Self.connect(to: outside)
    var batch = RouteBatch()
    batch.set(.up(.name("isp")))
    try internet.apply(batch)
    testbed = try Testbed(mode: mode, statePath: statePath)
    attachment = try testbed.engine.attach(testbed.request(0))
    for number in 1..<max(1, guests) { _ = try testbed.engine.attach(testbed.request(number)) }
    let tap = try TapDevice(name: attachment.tapName, exclusive: false)
    let frame = Frame.datagram(
      from: attachment, to: Self.server, at: try Self.gateway(of: attachment, tap.descriptor.rawValue))
    if rules != .ours { try Self.replaceRules(rules, of: attachment, on: testbed.network) }
    try outside.enter()
    farEnd = try FarEnd("isp") { _ = unsafe write(tap.descriptor.rawValue, frame, frame.count) }
    try inside.enter()
    farEnd?.send()
    self.tap = tap
    self.frame = frame
    try drain()
  }

  private static func connect(to outside: borrowing NetworkNamespace) throws {
    var peer = VethPeer(InterfaceName(known: "isp"))
    peer.macAddress = serverMAC
    peer.namespace = outside.fileDescriptor
    var link = NewLink(uplink, .veth(peer: peer))
    link.isUp = true
    var route = try RouteSocket()
    var batch = RouteBatch()
    batch.create(link)
    try route.apply(batch)
    let index = try route.link(named: uplink.rawValue)?.index ?? 0
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

  /// Deletes every nftables table, and the checksum filter of the guest's links.
  private static func replaceRules(_ rules: Rules, of attachment: Attachment, on network: Network) throws {
    var socket = try NFTablesSocket()
    var transaction = Transaction()
    for family in [Family.bridge, .arp, .inet, .ip] {
      for table in try socket.tables(family) { transaction.destroy(table.id) }
    }
    if rules == .masquerade {
      var table = TableContents(Table(.ip, "masquerade"))
      let chain = Chain(table.table.id, "postrouting", .init(.nat, .postrouting, priority: .srcnat))
      table.add(chain)
      table.add(Rule(in: chain, .match(.oifname, .interface(uplink)), .masquerade))
      transaction.append(contentsOf: table.installation)
    }
    try socket.apply(transaction)
    var route = try RouteSocket()
    var batch = RouteBatch()
    for name in [attachment.tapName, network.bridge] {
      if let index = try route.linkIndex(named: name) { batch.deleteIngress(linkIndex: index) }
    }
    try route.apply(batch)
  }

  /// Sends packets and waits until the kernel has processed them: write(2) returns after a packet written to a TAP or to
  /// the far end has passed through the kernel. The sample is the time for each packet that arrived; there is none if
  /// fewer than 90 % arrived.
  func send(_ traffic: Traffic, _ count: Int, isKept: Bool) throws {
    let before = try arrivals(traffic)
    let duration = time {
      for _ in 0..<count {
        switch traffic {
        case .replies:
          farEnd?.send()
          continue
        case .established: break
        case .beginnings:
          port += 1
          Frame.setSourcePort(port, &frame)
        }
        _ = unsafe write(tap.descriptor.rawValue, frame, frame.count)
      }
    }
    if traffic == .beginnings { Frame.setSourcePort(Frame.sourcePort, &frame) }
    // A TAP counts what it sends when that is read.
    try drain()
    let arrivals = Int(try arrivals(traffic) - before)
    if isKept, arrivals * 10 >= count * 9 { samples[traffic, default: []].append(duration / arrivals) }
  }

  private func arrivals(_ traffic: Traffic) throws -> UInt64 {
    traffic == .replies
      ? try route.link(named: attachment.tapName.rawValue, statistics: true)?.sentPackets ?? 0
      : try internet.link(named: "isp", statistics: true)?.receivedPackets ?? 0
  }

  /// Reads what waits at the TAP, so that its queue is empty.
  private func drain() throws {
    var bytes = [UInt8](repeating: 0, count: 2048)
    while try Poll.isReadable(tap.descriptor.rawValue, within: .zero) {
      guard unsafe read(tap.descriptor.rawValue, &bytes, bytes.count) > 0 else { return }
    }
  }
}

extension Benchmark {
  /// Measures the time of a packet between a guest and the internet, with few and with many guests attached, and with
  /// other rules than ours.
  func measurePackets(_ directory: String) throws -> [Report.Section] {
    let counts = [1, 100, 1000].filter { $0 < guests } + [guests]
    let kinds = counts.map { ($0, Packets.Rules.ours) } + [(1, .masquerade), (1, .none)]
    var testbeds: [Packets] = []
    for (index, (count, rules)) in kinds.enumerated() {
      try progress("packets: attach", index, kinds.count)
      testbeds.append(try Packets(mode: mode, guests: count, rules, statePath: "\(directory)/testbed-\(index).db"))
    }
    let rounds = max(20, min(400, guests * 4))
    for round in 0..<rounds {
      try progress("packets", round, rounds)
      // Alternately, starting with another testbed each round. Samples of the first round are discarded.
      for index in testbeds.indices {
        let testbed = testbeds[(index + round) % testbeds.count]
        for traffic in [Packets.Traffic.established, .replies] {
          try testbed.send(traffic, 200, isKept: round > 0)
        }
        // In all fewer than a guest may have at a time.
        if round <= 100 { try testbed.send(.beginnings, 20, isKept: round > 0) }
      }
    }
    return Packets.Traffic.allCases.map { traffic in
      var section = Report.Section(name: traffic.name, title: traffic.title)
      let samples = testbeds.map { $0.samples[traffic] ?? [] }
      let (masquerade, none) = (samples[counts.count], samples[counts.count + 1])
      for (index, count) in counts.enumerated() {
        // Without the tables no packet of a clone's arrives.
        let ratio =
          masquerade.isEmpty
          ? .init(samples[index], to: samples[0], "1 guest")
          : Report.Ratio(samples[index], to: masquerade, "masquerade only")
        section.add(count == 1 ? "1 guest" : "\(count) guests", samples[index], ratio: ratio)
      }
      section.add("masquerade only", masquerade, to: none, "no netfilter")
      section.add("no netfilter", none)
      return section
    }
  }
}

extension Packets.Traffic {
  fileprivate var name: String {
    switch self {
    case .established: "packets"
    case .replies: "replies"
    case .beginnings: "beginnings"
    }
  }

  fileprivate var title: String {
    switch self {
    case .established: "a packet from a guest to the internet, of an established connection"
    case .replies: "a packet from the internet to a guest, of the same connection"
    case .beginnings: "a packet from a guest to the internet that begins a connection"
    }
  }
}
