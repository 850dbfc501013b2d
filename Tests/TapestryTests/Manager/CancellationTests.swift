import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Cancelled tasks", .needsKernel)
struct CancellationTests {
  private struct Method: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var call: @Sendable (NetworkManager) async throws -> Void

    init(_ name: String, _ call: @escaping @Sendable (NetworkManager) async throws -> Void) {
      testDescription = name
      self.call = call
    }

    /// Every asynchronous one.
    static let all: [Method] = [
      .init("createNetwork") { try await $0.createNetwork(NetworkRequest(name: "blue")) },
      .init("networks") { _ = try await $0.networks() },
      .init("network(named:)") { _ = try await $0.network(named: "default") },
      .init("removeNetwork") { try await $0.removeNetwork(named: "empty") },
      .init("attach") { try await $0.attach(AttachRequest(vmID: "new")) },
      .init("attach, another") { try await $0.attach(AttachRequest(vmID: "b", interfaceID: "eth1")) },
      .init("previewAttach") { _ = try await $0.previewAttach(AttachRequest(vmID: "new")) },
      .init("detach") { try await $0.detach(vmID: "a") },
      .init("detachAll") { try await $0.detachAll() },
      .init("attachments") { _ = try await $0.attachments() },
      .init("attachments(vmID:)") { _ = try await $0.attachments(vmID: "a") },
      .init("setProcess") { try await $0.setProcess(vmID: "a", interfaceID: "eth0", pid: 1) },
      .init("check") { _ = try await $0.check() },
      .init("repair") { try await $0.repair() },
      .init("repair(adopt:)") { try await $0.repair(adopt: true) },
      .init("previewRepair") { _ = try await $0.previewRepair() },
      .init("collectGarbage") { try await $0.collectGarbage() },
      .init("previewGarbage") { _ = try await $0.previewGarbage() },
      .init("cleanup") { try await $0.cleanup() },
      .init("cleanup(network:)") { try await $0.cleanup(network: "default") },
      .init("allocateIP") { _ = try await $0.allocateIP() },
      .init("releaseIP") { try await $0.releaseIP(IPv4Address(172, 30, 0, 9)) },
      .init("ensureBridge") { try await $0.ensureBridge() },
      .init("createTapDevice") { _ = try await $0.createTapDevice(vmID: "new", interfaceID: "eth0") },
      .init("removeTapDevice") { try await $0.removeTapDevice("svaeth0") },
      .init("activeTaps") { _ = try await $0.activeTaps() },
    ]
  }

  /// What a caller can see.
  private struct View: Equatable {
    var attachments: [Tapestry.Attachment]
    var networks: [Network]

    init(_ manager: NetworkManager) async throws {
      attachments = try await manager.attachments()
      networks = try await manager.networks()
    }
  }

  @Test("whichever method, whenever it is: all of it is done, or nothing, and then it throws CancellationError")
  func methods() async throws {
    var generator = SeededGenerator(seed: 10)
    try await Rig.use { rig in
      let observer = try rig.another()
      var before: View?
      for method in Method.all {
        for trial in 0..<2 {
          if try await View(observer) != before {
            try await observer.cleanup()
            for vm: Identifier in ["a", "b"] { try await observer.attach(AttachRequest(vmID: vm)) }
            try await observer.createNetwork(NetworkRequest(name: "empty"))
            before = try await View(observer)
          }
          let kernel = try await rig.kernelState()

          // One that is new has its state file to open too.
          let manager = trial == 0 ? try rig.another() : rig.manager
          let delay = Duration.microseconds(Int.random(in: 0...(trial == 1 ? 50 : 4000), using: &generator))
          let task = Task { try await method.call(manager) }
          try await Task.sleep(for: delay)
          task.cancel()
          do {
            try await task.value
          } catch {
            #expect(error is CancellationError, "\(method.testDescription) after \(delay): \(error)")
            #expect(try await View(observer) == before, "\(method.testDescription) after \(delay)")
            let changes = try await rig.kernelState().difference(from: kernel)
            #expect(changes.isEmpty, "\(method.testDescription) after \(delay): \(changes)")
          }
          #expect(try await observer.check() == [], "\(method.testDescription) after \(delay)")
        }
      }
    }
  }

  @Test("of many that wait for their turn those that are cancelled have done nothing, and the others all")
  func crowd() async throws {
    var generator = SeededGenerator(seed: 11)
    try await Rig.use { rig in
      let managers = [rig.manager, try rig.another(), try rig.another()]
      var present: Set<Identifier> = []
      for round in 0..<3 {
        var tasks: [(vm: Identifier, isAttach: Bool, task: Task<Void, any Error>)] = []
        for number in 0..<30 {
          let (vm, manager): (Identifier, _) = ("vm-\(number)", managers[number % managers.count])
          let isAttach = !present.contains(vm)
          let task = Task {
            if isAttach {
              try await manager.attach(AttachRequest(vmID: vm))
            } else {
              try await manager.detach(vmID: vm)
            }
          }
          tasks.append((vm, isAttach, task))
        }
        for (_, _, task) in tasks.shuffled(using: &generator).prefix(20) {
          task.cancel()
          try await Task.sleep(for: .microseconds(Int.random(in: 0...1500, using: &generator)))
        }
        var cancelled = 0
        for (vm, isAttach, task) in tasks {
          do {
            try await task.value
            if isAttach { present.insert(vm) } else { present.remove(vm) }
          } catch is CancellationError {
            cancelled += 1
          }
        }
        #expect(Set(try await managers[1].attachments().map(\.vmID)) == present, "round \(round)")
        #expect(try await managers[2].check() == [])
        #expect(cancelled > 0 && cancelled <= 20)
      }
    }
  }
}
