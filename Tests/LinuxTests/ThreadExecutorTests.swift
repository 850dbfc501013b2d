import Glibc
import Linux
import Synchronization
import TestKit
import Testing

/// An actor that does all its work on the thread of its executor.
private actor Worker {
  private let executor: ThreadExecutor
  private var numbers: [Int] = []
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  init(_ executor: ThreadExecutor) { self.executor = executor }

  // Not pthread_self(): Swift takes it for a constant, for whose sake it need not change threads.
  var thread: NetworkNamespace.Identity { get throws { try NetworkNamespace(path: "/proc/thread-self").identity() } }
  var threadName: String { get throws { try File.readLine("/proc/thread-self/comm") } }

  func append(_ number: Int) { numbers.append(number) }
  func all() -> [Int] { numbers }

  func links() throws -> [String] {
    let lines = String(decoding: try File.read("/proc/thread-self/net/dev"), as: UTF8.self).split(separator: "\n")
    return lines.dropFirst(2).map { String($0.prefix { $0 != ":" }.drop { $0 == " " }) }
  }

  /// Crosses to another executor and comes back.
  func threadAfterSleep() async throws -> NetworkNamespace.Identity {
    try await Task.sleep(for: .milliseconds(1))
    return try thread
  }

  nonisolated func assumeIsolatedCount() -> Int { assumeIsolated { $0.numbers.count } }
  func countFromInside() -> Int { assumeIsolatedCount() }

  /// Blocks its thread until `count` others do so too, or ten seconds have passed.
  func meet(_ count: Int, at meeting: MeetingPoint) -> Bool {
    meeting.arrived.add(1, ordering: .sequentiallyConsistent)
    for _ in 0..<10_000 {
      if meeting.arrived.load(ordering: .sequentiallyConsistent) == count { return true }
      usleep(1000)
    }
    return false
  }

  func isIsolating(_ other: ThreadExecutor) -> [Bool?] {
    [executor.isIsolatingCurrentContext(), other.isIsolatingCurrentContext()]
  }
}

private final class MeetingPoint: Sendable {
  let arrived = Atomic<Int>(0)
}

/// An actor that does not keep its executor: only the jobs that wait and run there do.
@safe
private actor Borrower {
  nonisolated let unownedExecutor: UnownedSerialExecutor

  init(_ executor: ThreadExecutor) { unsafe unownedExecutor = executor.asUnownedSerialExecutor() }

  func run(_ body: @Sendable () -> Void) { body() }
}

@Suite("An executor with a thread of its own")
struct ThreadExecutorTests {
  @Test("runs an actor's work on one thread of the given name, before and after a suspension")
  func oneThread() async throws {
    let worker = Worker(try ThreadExecutor(name: "weaver"))
    let thread = try await worker.thread
    #expect(try await worker.threadName == "weaver")
    #expect(try await worker.threadAfterSleep() == thread)
    #expect(await worker.countFromInside() == 0)
  }

  @Test("runs jobs in the order in which they come")
  func order() async throws {
    let worker = Worker(try ThreadExecutor(name: "order"))
    for number in 0..<1000 { await worker.append(number) }
    #expect(await worker.all() == Array(0..<1000))
  }

  @Test("keeps every job of many tasks that come at once")
  func concurrent() async throws {
    let worker = Worker(try ThreadExecutor(name: "many"))
    await withTaskGroup { group in
      for number in 0..<2000 { group.addTask { await worker.append(number) } }
    }
    #expect(await worker.all().sorted() == Array(0..<2000))
  }

  @Test("blocks no thread of Swift's pool: more of them block at once than there are cores")
  func doesNotBlockThePool() async throws {
    let workers = try (0..<32).map { Worker(try ThreadExecutor(name: "blocked\($0)")) }
    let meeting = MeetingPoint()
    let met = await withTaskGroup { group in
      for worker in workers { group.addTask { await worker.meet(workers.count, at: meeting) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(met == Array(repeating: true, count: workers.count))
  }

  @Test("knows whether the caller is on its thread")
  func isolation() async throws {
    let executor = try ThreadExecutor(name: "one")
    let other = try ThreadExecutor(name: "other")
    #expect(executor.isIsolatingCurrentContext() == false)
    #expect(await Worker(executor).isIsolating(other) == [true, false])
  }

  @Test("ends its thread when it is let go of, by another thread or by its own")
  func endsThread() async throws {
    let name = "ending\(getpid())"
    for index in 0..<50 {
      var worker: Worker? = Worker(try ThreadExecutor(name: name))
      if index.isMultiple(of: 2) {
        await worker?.append(index)
        worker = nil
      } else {
        // The task may hold the last reference, and let go of it on the executor's thread.
        let task = Task { [worker] in await worker?.append(index) }
        worker = nil
        await task.value
      }
    }
    #expect(try await eventually { try threads(named: name) == 0 })
  }

  @Test("may be let go of by a job that it runs")
  func letGoOnOwnThread() async throws {
    for _ in 0..<200 {
      let executor = Mutex<ThreadExecutor?>(try ThreadExecutor(name: "last"))
      let worker = try #require(executor.withLock { $0.map { Borrower($0) } })
      await worker.run { executor.withLock { $0 = nil } }
      #expect(executor.withLock { $0 == nil })
    }
  }

  private func threads(named name: String) throws -> Int {
    let directory = unsafe opendir("/proc/self/task")
    guard let directory = unsafe directory else { throw SystemError("opendir", .noSuchFile) }
    defer { unsafe closedir(directory) }
    var count = 0
    while let entry = unsafe readdir(directory) {
      let task = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if (try? File.readLine("/proc/self/task/\(task)/comm")) == name { count += 1 }
    }
    return count
  }
}

@Suite("An executor in a namespace", .needsKernel)
struct NamespacedExecutorTests {
  @Test("runs an actor's work there")
  func inNamespace() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "only0", "type", "bridge")
      let executor = try ThreadExecutor(name: "inside", namespace: NetworkNamespace(path: namespace.path))
      let worker = Worker(executor)
      #expect(try await worker.links().sorted() == ["lo", "only0"])
      let outside = Worker(try ThreadExecutor(name: "outside"))
      #expect(try await outside.links().contains("only0") == false)
    }
  }

  @Test("is not made when its namespace cannot be entered")
  func notANamespace() throws {
    let error = #expect(throws: SystemError.self) {
      try ThreadExecutor(name: "nowhere", namespace: NetworkNamespace(path: "/proc/self/ns/mnt"))
    }
    #expect(error?.errno == .invalidArgument)
    #expect(error?.operation == "setns")
  }
}
