import Glibc
import Linux
import NFTables
import NetTypes
import RouteNetlink
import Tapestry

/// A host of its own with guests, and an internet beside it, that packets of one guest are pushed to.
struct Packets: ~Copyable {
  /// How many sites one run has at most.
  static let mostSites = 6
  /// The way of every packet: TAP, host, address translation, the far end of the uplink.
  private static let host = IPv4Address(198, 51, 100, 1)
  private static let server = IPv4Address(198, 51, 100, 9)

  private let site: Site
  private let tap: TapDevice
  private var internet: RouteSocket
  private let frame: [UInt8]

  private static let farEnd = MACAddress(2, 0, 0, 0x51, 0x64, 9)

  /// Moves the calling thread into the host's namespace.
  init(mode: Network.Mode, guests: Int, statePath: String) throws(TapestryError) {
    try Sandbox.unshare()
    var internet = try asTapestryError { () throws in try RouteSocket() }
    let outside = try asTapestryError { () throws(SystemError) in try NetworkNamespace.current() }
    try Sandbox.unshare()
    try Self.connect(to: outside)
    try asTapestryError { () throws in
      var batch = RouteBatch()
      batch.set(.up(.name("isp")))
      try internet.apply(batch)
    }
    let site = try Site(mode: mode, statePath: statePath)
    let attachment = try site.engine.attach(site.request(0))
    for number in 1..<max(1, guests) { _ = try site.engine.attach(site.request(number)) }
    let tap = try asTapestryError { () throws(SystemError) in
      try TapDevice(name: attachment.tapName, exclusive: false)
    }
    frame = Frame.datagram(
      from: attachment, to: Self.server, at: try Self.gateway(of: attachment, tap.descriptor.rawValue))
    self.site = site
    self.tap = tap
    self.internet = internet
  }

  private static func connect(to outside: borrowing NetworkNamespace) throws(TapestryError) {
    let (near, far) = (InterfaceName(known: "uplink"), InterfaceName(known: "isp"))
    var peer = VethPeer(far)
    peer.macAddress = farEnd
    peer.namespace = .descriptor(outside.fileDescriptor)
    var link = NewLink(near, .veth(peer: peer))
    link.isUp = true
    try asTapestryError { () throws in
      var route = try RouteSocket()
      var batch = RouteBatch()
      batch.create(link)
      try route.apply(batch)
      let index = try route.link(named: "uplink")?.index ?? 0
      var rest = RouteBatch()
      rest.replace(InterfaceAddress(.v4(host), prefixLength: 24, linkIndex: index))
      rest.replace(.permanent(.v4(server), farEnd, linkIndex: index))
      try route.apply(rest)
    }
  }

  /// The MAC of the guest's gateway, as the guest learns it. The kernel takes up to a second to see the TAP's carrier.
  private static func gateway(of attachment: Attachment, _ tap: Int32) throws(TapestryError) -> MACAddress {
    let question = Frame.question(from: attachment)
    var answer = [UInt8](repeating: 0, count: 2048)
    for _ in 0..<500 {
      _ = unsafe write(tap, question, question.count)
      let deadline = ContinuousClock.now + .milliseconds(20)
      while ContinuousClock.now < deadline {
        let isReady = try asTapestryError { () throws(SystemError) in
          try Poll.isReadable(tap, within: .milliseconds(20))
        }
        guard isReady else { break }
        let count = unsafe read(tap, &answer, answer.count)
        if count > 0, let mac = Frame.answer(in: answer.prefix(count), for: attachment.gatewayIP) { return mac }
      }
    }
    throw TapestryError(.kernelRefused, "The benchmark failed: the gateway \(attachment.gatewayIP) does not answer ARP")
  }

  /// Takes every table away.
  func removeRuleset() throws(TapestryError) {
    try asTapestryError { () throws in
      var socket = try NFTablesSocket()
      var transaction = Transaction()
      for family in [Family.bridge, .arp, .inet, .ip] {
        for table in try socket.tables(family) { transaction.destroy(table.id) }
      }
      try socket.apply(transaction)
    }
  }

  /// Pushes packets, and waits until the kernel has worked them off: a packet written to a TAP goes its way within
  /// write(2).
  /// - Returns: the time for each that came out at the far end; nil where hardly any did.
  mutating func push(_ count: Int) throws(TapestryError) -> Duration? {
    let before = try arrived()
    let duration = time {
      for _ in 0..<count { _ = unsafe write(tap.descriptor.rawValue, frame, frame.count) }
    }
    let arrivals = Int(try arrived() - before)
    return arrivals * 10 < count * 9 ? nil : duration / arrivals
  }

  private mutating func arrived() throws(TapestryError) -> UInt64 {
    try asTapestryError { () throws in try internet.statistics(named: "isp") }
  }
}

extension RouteSocket {
  fileprivate mutating func statistics(named name: String) throws -> UInt64 {
    try link(named: name, statistics: true)?.statistics?.receivedPackets ?? 0
  }
}

extension Benchmark {
  /// What a packet takes from a guest's TAP to the internet, with few guests attached and with many.
  func measurePackets(_ directory: String) throws(TapestryError) -> Report.Section {
    let counts = [1, 100, 1000].filter { $0 < guests } + [guests]
    var section = Report.Section(name: "packets", title: "a packet of a guest's to the internet")
    var sites: [PacketSite] = []
    for (place, count) in (counts + [1]).enumerated() {
      try progress("packets: attach", place, counts.count + 1)
      sites.append(PacketSite(try Packets(mode: mode, guests: count, statePath: "\(directory)/site-\(place).db")))
    }
    try sites[counts.count].packets.removeRuleset()
    let rounds = max(20, min(400, guests * 4))
    for round in 0..<rounds {
      try progress("packets", round, rounds)
      // In turn, and not always in the same order.
      for place in sites.indices { try sites[(place + round) % sites.count].push(200, isKept: round > 0) }
    }
    for (place, count) in counts.enumerated() {
      guard place == 0 || !sites[place].samples.isEmpty else { continue }
      section.add(
        count == 1 ? "1 guest" : "\(count) guests", sites[place].samples,
        ratio: place == 0 ? nil : .init(sites[0].samples, to: sites[place].samples, "throughput with 1 guest"))
    }
    section.add(
      "no ruleset", sites[counts.count].samples,
      ratio: .init(sites[counts.count].samples, to: sites[0].samples, "time with 1 guest"))
    return section
  }
}

/// A site, and what its packets took.
private final class PacketSite {
  var packets: Packets
  private(set) var samples: [Duration] = []

  init(_ packets: consuming Packets) { self.packets = packets }

  func push(_ count: Int, isKept: Bool) throws(TapestryError) {
    guard let sample = try packets.push(count), isKept else { return }
    samples.append(sample)
  }
}
