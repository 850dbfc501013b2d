import NetTypes
import Synchronization
import TestKit
import Testing

@testable import Tapestry

/// Runs `body` on `count` threads at once, each its own, and rethrows the first error.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) async throws {
  try await withThrowingTaskGroup { group in
    for index in 0..<count {
      group.addTask { try await onOwnThread { try body(index) } }
    }
    try await group.waitForAll()
  }
}

@Suite("Many at once")
struct SharingTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  @Test("defect mended: concurrent callers do not race: 8 threads, 200 claims each, and no two hold the same")
  func claims() async throws {
    _ = try directory.store(subnet: "10.9.0.0/16")
    try await onThreads(8) { [directory] thread in
      let store = try directory.store()
      for index in 0..<200 {
        let key = try key("web-\(thread)-\(index)/eth0")
        _ = try store.claim(LeaseRequest(key: key), in: .default)
        try store.activate(key)
      }
    }
    let store = try directory.store()
    let leases = try store.leases()
    #expect(leases.count == 1600)
    #expect(leases.allSatisfy { $0.state == .active })
    #expect(Set(leases.map(\.address)).count == 1600)
    #expect(Set(leases.map(\.mac)).count == 1600)
    #expect(Set(leases.map(\.tapName)).count == 1600)
    // Nothing was skipped either.
    #expect(leases.map(\.address).max() == IPv4Address(10, 9, 6, 65))
    try store.verify()
  }

  @Test("processes do not race either: 8 that start with no file, 40 claims each, a store opened for each")
  func processes() async throws {
    let file = directory.file
    await withTaskGroup { group in
      for process in 0..<8 {
        group.addTask {
          await #expect(processExitsWith: .success) { [file = file as String, process = process as Int] in
            for index in 0..<40 {
              let store = try SQLiteLeaseStore(path: file, bootID: "boot-1")
              do { try store.insert(network(subnet: "10.9.0.0/16")) } catch let error as TapestryError {
                guard error.code == .networkExists else { throw error }
              }
              try store.claim("web-\(process)-\(index)/eth0")
              try store.activate(key("web-\(process)-\(index)/eth0"))
            }
          }
        }
      }
    }
    let store = try directory.store()
    let leases = try store.leases()
    #expect(leases.count == 320)
    #expect(leases.map(\.address).max() == IPv4Address(10, 9, 1, 65))
    #expect(leases.allSatisfy { $0.state == .active })
    try store.verify()
  }

  @Test("many that claim the same attachment get one lease, and one of them made it")
  func sameKey() async throws {
    _ = try directory.store(subnet: "10.9.8.0/24")
    let claims = Collected<LeaseClaim>()
    try await onThreads(16) { [directory] _ in
      claims.add(try directory.store().claim("web-1/eth0"))
    }
    #expect(claims.all.count == 16)
    #expect(Set(claims.all.map(\.lease)).count == 1)
    #expect(claims.all.count(where: \.isNew) == 1)
  }

  @Test(
    "many that open a store that is not there make one file, of which each sees the others' work", arguments: 0..<10)
  func creation(round: Int) async throws {
    try await onThreads(16) { [directory] thread in
      let store = try directory.store()
      try store.insert(network("net-\(thread)", subnet: "10.\(thread).0.0/24", bridge: "br\(thread)"))
    }
    let store = try directory.store()
    #expect(try store.networks().count == 16)
    try store.verify()
  }

  @Test("of many that create the same network one succeeds, and the others learn that it exists")
  func sameNetwork() async throws {
    let codes = Collected<TapestryError.Code?>()
    try await onThreads(16) { [directory] _ in
      do {
        try directory.store().insert(network())
        codes.add(nil)
      } catch let error as TapestryError {
        codes.add(error.code)
      }
    }
    #expect(codes.all.count(where: { $0 == nil }) == 1)
    #expect(codes.all.count(where: { $0 == .networkExists }) == 15)
  }

  @Test("claims, releases, lists and networks that come and go together end in a store that agrees with itself")
  func mixed() async throws {
    _ = try directory.store(subnet: "10.9.8.0/27")
    try await onThreads(12) { [directory] thread in
      for round in 0..<20 {
        // Opened again each time, as by short-lived processes.
        let store = try directory.store()
        let name = "vm-\(thread)-\(round % 3)/eth0"
        switch (thread + round) % 4 {
        case 0, 1:
          do { try store.claim(name) } catch let error as TapestryError where error.code == .ipExhausted {}
        case 2:
          try store.markReleasing(key(name))
          try store.release(key(name))
        default:
          let other = try network("net-\(thread)", subnet: "10.\(thread).0.0/24", bridge: "br\(thread)")
          if try !store.removeNetwork(named: other.name) { try store.insert(other) }
          _ = try store.leases()
        }
      }
    }
    try directory.store().verify()
  }
}

/// What several threads found.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func add(_ element: Element) { elements.withLock { $0.append(element) } }

  var all: [Element] { elements.withLock { $0 } }
}
