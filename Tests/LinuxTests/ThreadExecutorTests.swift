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
  var namespace: NetworkNamespace.Identity { get throws { try NetworkNamespace.current().identity() } }
  var threadName: String { get throws { try File.readLine("/proc/thread-self/comm") } }

  func append(_ number: Int) { numbers.append(number) }
  func all() -> [Int] { numbers }

  /// Crosses to another executor and comes back.
  func threadAfterSleep() async throws -> NetworkNamespace.Identity {
    try await Task.sleep(for: .milliseconds(1))
    return try thread
  }

  nonisolated func assumeIsolatedCount() -> Int { assumeIsolated { $0.numbers.count } }
  func countFromInside() -> Int { assumeIsolatedCount() }

  /// Blocks its thread until `count` others do so too, or patience is over.
  func meet(_ count: Int, at meeting: MeetingPoint) -> Bool {
    meeting.arrived.add(1, ordering: .sequentiallyConsistent)
    let deadline = ContinuousClock.now + .patience
    while ContinuousClock.now < deadline {
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
    #expect(try await eventually { try Threads.count(named: name) == 0 })
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
}

@Suite("An executor that is made in another namespace", .needsKernel)
struct ElsewhereExecutorTests {
  @Test("has its thread in the process's, where whoever waits for a job is resumed")
  func inProcessNamespace() async throws {
    try await withNamespace { namespace in
      let worker = try await namespace.run { Worker(try ThreadExecutor(name: "home")) }
      let own = try NetworkNamespace.ofProcess().identity()
      #expect(try await worker.namespace == own)
      let places = Resumptions()
      _ = try await withTaskExecutorPreference(places) { try await worker.threadAfterSleep() }
      #expect(places.namespaces == [own])
    }
  }
}
