import NetTypes
import TestKit
import Testing

@testable import Tapestry

/// What a network's addresses should be doing, said as plainly as possible.
private struct Model {
  let subnet: IPv4Subnet
  var leases: [String: IPv4Address] = [:]
  var releasing: Set<String> = []
  var reserved: Set<IPv4Address> = []
  var queue: [IPv4Address] = []
  var everUsed: Set<IPv4Address> = []

  private var guests: [IPv4Address] {
    (subnet.firstGuest.rawValue...subnet.lastGuest.rawValue).map { IPv4Address(rawValue: $0) }
  }

  /// The lowest that is above all that were given in order, and was never used; else the oldest of the queue.
  mutating func take() -> IPv4Address? {
    if let next = guests.first(where: { !everUsed.contains($0) }) {
      everUsed.insert(next)
      return next
    }
    return queue.isEmpty ? nil : queue.removeFirst()
  }

  mutating func take(_ address: IPv4Address) -> Bool {
    guard subnet.isGuest(address), !leases.values.contains(address) else { return false }
    everUsed.insert(address)
    reserved.remove(address)
    queue.removeAll { $0 == address }
    return true
  }
}

@Suite("Whatever is done in whatever order")
struct PropertyTests {
  @Test("the store does as a simple model does, and never holds an address, MAC or name twice", arguments: 0..<12)
  func random(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let directory = try StateDirectory()
    let subnet = ["10.9.8.0/30", "10.9.8.0/29", "10.9.8.0/28", "10.9.8.0/27"][Int(seed % 4)]
    var store = try directory.store(subnet: subnet)
    var model = Model(subnet: try IPv4Subnet(parsing: subnet))
    // Ids that share prefixes and hash alike, and more of them than there are addresses.
    let names = ["Aa", "BB", "a:b", "a", "web-server-1", "web-server-2"].flatMap { vm in
      ["eth0", "b:c", "c", "management-1", "management-2"].map { "\(vm)/\($0)" }
    }

    for _ in 0..<600 {
      let name = try #require(names.randomElement(using: &generator))
      let offset = UInt32.random(in: 0...33, using: &generator)
      let wanted = IPv4Address(rawValue: model.subnet.networkAddress.rawValue + offset)
      switch Int.random(in: 0..<20, using: &generator) {
      case 0..<6: try claim(name, store, &model)
      case 6..<9: try claim(name, at: wanted, store, &model)
      case 9..<12:
        #expect(try (store.markReleasing(key(name)) != nil) == (model.leases[name] != nil))
        if model.leases[name] != nil { model.releasing.insert(name) }
      case 12..<16:
        let ended = try store.release(key(name))
        #expect((ended != nil) == model.releasing.contains(name))
        if model.releasing.remove(name) != nil, let address = model.leases.removeValue(forKey: name) {
          #expect(ended?.address == address)
          model.queue.append(address)
        }
      case 16:
        if let expected = model.take() {
          #expect(try store.reserveAddress(in: .default) == expected)
          model.reserved.insert(expected)
        } else {
          expect(.ipExhausted) { _ = try store.reserveAddress(in: .default) }
        }
      case 17:
        let isReserved = model.reserved.remove(wanted) != nil
        #expect(try store.releaseReservation(of: wanted, in: .default) == isReserved)
        if isReserved { model.queue.append(wanted) }
      case 18:
        store = try directory.store()
      default:
        try compare(store, model)
      }
    }
    try compare(store, model)
    try store.verify()
  }

  private func claim(_ name: String, _ store: SQLiteLeaseStore, _ model: inout Model) throws {
    if let held = model.leases[name] {
      #expect(try store.claim(name).lease.address == held)
      model.releasing.remove(name)
    } else if let expected = model.take() {
      #expect(try store.claim(name).lease.address == expected)
      model.leases[name] = expected
    } else {
      expect(.ipExhausted) { try store.claim(name) }
    }
  }

  private func claim(
    _ name: String, at wanted: IPv4Address, _ store: SQLiteLeaseStore, _ model: inout Model
  ) throws {
    if let held = model.leases[name] {
      if held == wanted {
        #expect(try store.claim(name, ip: wanted.description).lease.address == held)
        model.releasing.remove(name)
      } else {
        expect(.attachmentConflict) { try store.claim(name, ip: wanted.description) }
      }
    } else if model.take(wanted) {
      #expect(try store.claim(name, ip: wanted.description).lease.address == wanted)
      model.leases[name] = wanted
    } else {
      let isNoGuest = !model.subnet.isGuest(wanted) && wanted != model.subnet.gateway
      expect(isNoGuest ? .addressOutOfSubnet : .addressInUse) { try store.claim(name, ip: wanted.description) }
    }
  }

  private func compare(_ store: SQLiteLeaseStore, _ model: Model) throws {
    let leases = try store.leases()
    #expect(Dictionary(uniqueKeysWithValues: leases.map { ($0.key.description, $0.address) }) == model.leases)
    #expect(Set(leases.filter { $0.state == .releasing }.map(\.key.description)) == model.releasing)
    #expect(Set(try store.reservations().map(\.address)) == model.reserved)
    #expect(Set(leases.map(\.mac)).count == leases.count)
    #expect(Set(leases.map(\.tapName)).count == leases.count)
  }
}
