import Linux
import NetTypes
import RouteNetlink
import Tapestry

extension Benchmark {
  /// Measures parts of the library separately, as ratios of the floor's attach.
  func measureComponents(_ testbed: Testbed, _ directory: String) throws -> Report.Section {
    let rounds = max(20, min(200, guests * 2))
    var floor: [Duration] = []
    var tap = try testbed.floor.tap(0)
    for _ in 0..<20 {
      floor.append(try time { try testbed.floor.make(&tap) })
      try testbed.floor.delete(tap)
    }
    var section = Report.Section(name: "components", title: "components, \(guests) guests")
    section.add("floor (attach)", floor)
    func add(_ name: String, _ count: Int, _ body: (Int) throws -> Void) throws {
      try progress("components", section.rows.count, 8)
      let samples = try (0..<rounds).map { round in try time { try body(round) } / count }
      section.add(name, samples, to: floor, "floor (attach)")
    }

    try add("codec: encode a TAP's messages", 1) { number in _ = try testbed.floor.tap(number) }
    try measureHost(testbed, add)
    try measureStore(testbed, directory + "/parts.db", add)
    return section
  }

  private typealias Adder = (String, Int, (Int) throws -> Void) throws -> Void

  private func measureHost(_ testbed: Testbed, _ add: Adder) throws {
    for number in 0..<guests { _ = try testbed.engine.attach(testbed.request(number)) }
    var socket = try RouteSocket()
    let count = try socket.links().count
    try add("codec: dump and decode, per link", count) { _ in _ = try socket.links() }
    let (desired, observed) = (try testbed.engine.desired(), try testbed.engine.observe().observed)
    try add("plan: difference, per guest", guests) { _ in
      guard Plan.difference(desired, observed).items.isEmpty else {
        throw TapestryError(.kernelRefused, "The plan of a healthy host is not empty")
      }
    }
    _ = try testbed.engine.detachAll(network: testbed.network.name)
  }

  /// Measures a store with one lease for each guest.
  private func measureStore(_ testbed: Testbed, _ path: String, _ add: Adder) throws {
    let store = try SQLiteLeaseStore(path: path)
    try store.insert(testbed.network)
    let name = testbed.network.name
    for number in 0..<guests {
      _ = try store.claim(LeaseRequest(key: try key("vm-\(number)")), in: name)
      try store.activate(try key("vm-\(number)"))
    }
    try add("allocation: reserve an address, release it", 1) { _ in
      _ = try store.releaseReservation(of: try store.reserveAddress(in: name), in: name)
    }
    try add("store: claim, activate", 1) { number in
      _ = try store.claim(LeaseRequest(key: try key("new-\(number)")), in: name)
      try store.activate(try key("new-\(number)"))
    }
    try add("store: mark, release", 1) { number in
      try store.markReleasing(try key("new-\(number)"))
      try store.release(try key("new-\(number)"))
    }
    try add("store: read a lease", 1) { _ in _ = try store.lease(for: try key("vm-0")) }
  }

  private func key(_ vm: String) throws -> AttachmentKey {
    AttachmentKey(vm: try Validation.vmID(vm), interface: .eth0)
  }
}
