import Linux
import Logging
import Synchronization
import Tapestry
import TestKit
import Testing

@Suite("A manager of another network namespace", .needsKernel)
struct OtherNamespaceTests {
  private static func home() throws -> NetworkNamespace.Identity { try NetworkNamespace.ofProcess().identity() }

  @Test("works there, and whoever waits for it is resumed by a thread in the process's own")
  func resumesOutside() async throws {
    try await Rig.use { rig in
      let places = Resumptions()
      try await withTaskExecutorPreference(places) {
        try await rig.manager.attach(AttachRequest(vmID: "web-1"))
        _ = try await rig.manager.attachments()
        _ = try await rig.manager.check()
        _ = try await rig.manager.diagnose()
        await #expect(throws: TapestryError.self) {
          try await rig.manager.attach(AttachRequest(vmID: "web-1", network: "none"))
        }
      }
      #expect(places.namespaces == [try Self.home()])
      #expect(try await rig.link("svbr0")["ifname"] == "svbr0")
    }
  }

  @Test("may be made by a thread in that namespace, whose own it then is")
  func madeThere() async throws {
    try await Rig.use { rig in
      let (places, path) = (Resumptions(), rig.statePath)
      let manager = try await rig.namespace.run { try NetworkManager(.init(statePath: path)) }
      _ = try await withTaskExecutorPreference(places) { try await manager.attach(AttachRequest(vmID: "web-1")) }
      #expect(places.namespaces == [try Self.home()])
      #expect(try await rig.link("svbr0")["ifname"] == "svbr0")
    }
  }

  @Test("tells its log of each step in the process's own namespace, in their order")
  func logsOutside() async throws {
    try await Rig.use { rig in
      let log = PlacedLog()
      var options = NetworkManager.Options(statePath: rig.statePath, networkNamespacePath: rig.namespace.path)
      options.logger = Logger(label: "test") { _ in log }
      options.logger.logLevel = .debug
      let manager = try NetworkManager(options)
      try await manager.attach(AttachRequest(vmID: "web-1"))
      let lines = log.lines.withLock { $0 }
      #expect(lines.count > 2)
      let home = try Self.home()
      #expect(lines.allSatisfy { $0.place == home })
      #expect(lines.last?.text.contains("svweb1eth0") == true)
    }
  }
}

/// Keeps what it is told, and where.
private final class PlacedLog: LogHandler, Sendable {
  struct Line {
    var text: String
    var place: NetworkNamespace.Identity?
  }

  let lines = Mutex<[Line]>([])
  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    let place = try? NetworkNamespace.current().identity()
    lines.withLock { $0.append(Line(text: "\(event.message)", place: place)) }
  }
}
