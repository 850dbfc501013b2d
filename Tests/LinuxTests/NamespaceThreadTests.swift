import Linux
import Synchronization
import TestKit
import Testing

private final class Counter: Sendable {
  let value = Atomic<Int>(0)
}

@Suite("A thread in a namespace", .needsKernel)
struct NamespaceThreadTests {
  @Test("works there, in one thread, while the caller's stays where it is")
  func works() async throws {
    try await withNamespace { namespace in
      let own = try NetworkNamespace.ofProcess().identity()
      let thread = try NamespaceThread(name: "inside", namespace: NetworkNamespace(path: namespace.path))
      let (there, here) = try await onOwnThread {
        let ids = Mutex<Set<String>>([])
        let there = try (0..<3).map { _ in
          try thread.run {
            let name = try File.readLine("/proc/thread-self/comm")
            ids.withLock { _ = $0.insert(name) }
            return try NetworkNamespace.current().identity()
          }
        }
        #expect(ids.withLock { $0 } == ["inside"])
        return (there, try NetworkNamespace.current().identity())
      }
      #expect(Set(there) == [try NetworkNamespace(path: namespace.path).identity()])
      #expect(here == own)
    }
  }

  @Test("has what is the caller's own done by the thread that waits for it")
  func outside() async throws {
    try await withNamespace { namespace in
      let own = try NetworkNamespace.ofProcess().identity()
      let thread = try NamespaceThread(name: "inside", namespace: NetworkNamespace(path: namespace.path))
      let places = try await onOwnThread {
        try thread.run {
          var places = [try NetworkNamespace.current().identity()]
          for _ in 0..<2 { thread.outside { places.append(try! NetworkNamespace.current().identity()) } }
          return places + [try NetworkNamespace.current().identity()]
        }
      }
      let there = try NetworkNamespace(path: namespace.path).identity()
      #expect(places == [there, own, own, there])
    }
  }

  @Test("hands on what its work throws, and takes one piece of work at a time, whoever brings it")
  func manyCallers() async throws {
    try await withNamespace { namespace in
      let thread = try NamespaceThread(name: "inside", namespace: NetworkNamespace(path: namespace.path))
      let count = try await onOwnThread {
        #expect(throws: KernelError("try", .busy)) {
          try thread.run { () throws(KernelError) in throw KernelError("try", .busy) }
        }
        return 0
      }
      #expect(count == 0)
      let running = Counter()
      try await withThrowingTaskGroup { group in
        for _ in 0..<20 {
          group.addTask {
            try await onOwnThread {
              thread.run {
                #expect(running.value.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                running.value.subtract(1, ordering: .sequentiallyConsistent)
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("is not made when its namespace cannot be entered")
  func notANamespace() throws {
    let error = #expect(throws: KernelError.self) {
      try NamespaceThread(name: "nowhere", namespace: NetworkNamespace(path: "/proc/self/ns/mnt"))
    }
    #expect(error?.errno == .invalidArgument)
    #expect(error?.operation == "setns")
  }

  @Test("ends when it is let go of")
  func ends() async throws {
    try await withNamespace { namespace in
      let name = "ending-ns"
      for _ in 0..<20 {
        let thread = try NamespaceThread(name: name, namespace: NetworkNamespace(path: namespace.path))
        try await onOwnThread { thread.run {} }
      }
      #expect(try await eventually { try Threads.count(named: name) == 0 })
    }
  }
}
