import TestKit
import Testing

@testable import Tapestry

/// While a command looks at a host that nobody has used, another is the first to use it.
@Suite("A look at a host while it is first used")
struct FirstUseTests {
  private let directory: StateDirectory
  private let host = StubbornHost()
  private let engine: Engine

  init() throws {
    directory = try StateDirectory()
    engine = Engine(
      .init(statePath: directory.file), host: host,
      store: try SQLiteLeaseStore(lookingAt: directory.file, bootID: "boot-1"),
      lock: try StateLock(lookingAt: directory.file))
    // The other comes when the host is looked at first: it makes the lock, the file and the tables.
    host.willLook = { [file = directory.file] host in
      host.willLook = { _ in }
      do {
        _ = try StateLock(statePath: file)
        let identity = try SQLiteLeaseStore(path: file, bootID: "boot-1").identity()
        host.observed.stateMark = StateMark(id: identity.id, path: file)
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test("does not take the new tables for another file's")
  func listing() throws {
    #expect(engine.mismatch() == nil)
    #expect(host.observed.stateMark != nil)
  }

  @Test("begins again, under the lock that the other made")
  func checking() throws {
    #expect(try engine.check().map(\.kind) == [])
    #expect(host.observed.stateMark != nil)
  }

  @Test("sees tables of another file as such, which were there before")
  func control() throws {
    host.willLook = { _ in }
    host.observed.stateMark = StateMark(id: "0123456789abcdef", path: "/elsewhere")
    #expect(engine.mismatch()?.code == .stateMismatch)
    #expect(try engine.check().map(\.kind) == [.conflict])
  }
}
