import Glibc
import Linux
import TestKit
import Testing

@Suite("A test's network namespace", .needsKernel)
struct TestNamespaceTests {
  @Test("is not the machine's, and not another test's")
  func differs() async throws {
    let machine = try NetworkNamespace(path: "/proc/self/ns/net").identity()
    try await withNamespaces { first, second in
      let identity: @Sendable () throws -> NetworkNamespace.Identity = { try NetworkNamespace.current().identity() }
      let identities = [try await first.run(identity), try await second.run(identity), machine]
      #expect(Set(identities).count == 3)
      #expect(try NetworkNamespace(path: first.path).identity() == identities[0])
    }
  }

  @Test("holds a loopback that is up, and nothing else")
  func startsWithLoopback() async throws {
    try await withNamespace { namespace in
      let links = try await namespace.json("ip", "-j", "link")
      #expect(links.elements.count == 1)
      #expect(links[0]["ifname"] == "lo")
      #expect(links[0]["flags"].elements.contains("UP"))
    }
  }

  @Test("shows its own /sys and /proc/sys to threads and children")
  func showsItsOwnFiles() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "probe0", "type", "bridge")
      #expect(try await namespace.command("ls", "/sys/class/net").contains("probe0"))
      #expect(try await namespace.run { try File.readLine("/sys/class/net/probe0/flags") } == "0x1002")
      #expect(throws: KernelError.self) { try File.readLine("/sys/class/net/probe0/flags") }
      let before = try Sysctl.ipv4Forward.read()
      try await namespace.run { try Sysctl.ipv4Forward.write(before == "0" ? "1" : "0") }
      #expect(try Sysctl.ipv4Forward.read() == before)
      #expect(try await namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") != "\(before)\n")
    }
  }

  @Test("leaves no thread of Swift's pool behind: whatever is done in it, those who resume tasks are outside")
  func resumesOutside() async throws {
    try await withNamespace { namespace in
      let places = Resumptions()
      try await withTaskExecutorPreference(places) {
        _ = try await namespace.run { try NetworkNamespace.current().identity() }
        await #expect(throws: KernelError.self) { try await namespace.run { throw KernelError("try", .busy) } }
        try await namespace.command("true")
        let running = try await namespace.start("sleep", "1000")
        try await running.stop()
        let path = namespace.path
        try await onOwnThread { try NetworkNamespace(path: path).enter() }
      }
      #expect(places.namespaces == [try NetworkNamespace.ofProcess().identity()])
    }
  }

  @Test("leaves the working directory as it is")
  func keepsDirectory() async throws {
    let machine = try status("/proc/self/cwd")
    try await withNamespace { namespace in
      let inside = try await namespace.run { try status("/proc/thread-self/cwd") }
      #expect(inside == machine)
      let child = try await namespace.command("stat", "-L", "-c", "%d %i", "/proc/self/cwd")
      #expect(child == "\(machine.device) \(machine.inode)\n")
    }
  }

  @Test("is joined to another by a veth pair")
  func connects() async throws {
    try await withNamespaces { host, internet in
      try await host.connect(.init("uplink", "198.51.100.1/24"), to: internet, .init("isp", "198.51.100.2/24"))
      // What is sent before the carrier is there is lost.
      let ping = ["busybox", "ping", "-c", "1", "-W", "1", "198.51.100.2"]
      #expect(try await eventually { try await host.command(arguments: ping).status == 0 })
    }
  }

  @Test("is gone when the body is over, whatever runs in it")
  func isRemoved() async throws {
    var pid: Int32 = 0
    var path = ""
    try await withNamespace { namespace in
      path = namespace.path
      let command = try await namespace.start("sleep", "1000")
      pid = command.pid
      #expect(try ProcessIdentity(running: pid) != nil)
    }
    #expect(try ProcessIdentity(running: pid) == nil)
    #expect(pid > 0)
    #expect(path.hasPrefix("/proc/"))
  }

  @Test("takes along what a command has left behind")
  func orphans() async throws {
    let pid = try await withNamespace { namespace in
      try await namespace.command("sh", "-c", "sleep 1000 > /dev/null 2>&1 & echo $!").dropLast()
    }
    let number = try #require(Int32(pid))
    #expect(try ProcessIdentity(running: number) == nil)
  }

  @Test("goes on for as many at once as there are tests, on two cores")
  func manyAtOnce() async throws {
    try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<20 {
        group.addTask {
          try await withNamespace { namespace in
            try await namespace.command("ip", "link", "add", "bridge\(index)", "type", "bridge")
            return try await namespace.command("ls", "/sys/class/net")
          }
        }
      }
      var seen: Set<String> = []
      for try await links in group { seen.insert(links) }
      #expect(seen.count == 20)
    }
  }
}

/// Device and inode of what `path` leads to.
private func status(_ path: String) throws -> NetworkNamespace.Identity {
  try NetworkNamespace(path: path).identity()
}

@Suite("A command in a namespace", .needsKernel)
struct CommandTests {
  @Test("gives its output, its errors and its status")
  func result() async throws {
    try await withNamespace { namespace in
      let result = try await namespace.command(
        arguments: ["sh", "-c", "cat; echo $WORD >&2; exit 3"], environment: ["WORD": "weft"], input: "warp")
      #expect(result.status == 3)
      #expect(result.stdout == "warp")
      #expect(result.stderr == "weft\n")
      let failure = try await #require(throws: CommandFailure.self) {
        try await namespace.command("ip", "link", "show", "nosuch0")
      }
      #expect(failure.status == 1)
      #expect(failure.stderr.contains("does not exist"))
    }
  }

  @Test("that takes too long is killed")
  func timeout() async throws {
    try await withNamespace { namespace in
      _ = await #expect(throws: CommandTimeout.self) {
        try await namespace.command(arguments: ["sleep", "1000"], timeout: .milliseconds(50))
      }
    }
  }

  @Test("that does not exist is ENOENT")
  func noSuchProgram() async throws {
    try await withNamespace { namespace in
      let error = try await #require(throws: KernelError.self) { try await namespace.command("no-such-program") }
      #expect(error.errno == .noSuchFile)
    }
  }

  @Test("may go on while the test does, and be signalled")
  func running() async throws {
    try await withNamespace { namespace in
      let command = try await namespace.start(
        "sh", "-c", "trap 'echo caught; exit 7' TERM; echo ready; sleep 1000 & wait")
      try await command.waitForOutput(containing: "ready")
      try command.kill(SIGTERM)
      let result = try await command.wait()
      #expect(result.termination == .exited(7))
      #expect(result.stdout == "ready\ncaught\n")
      #expect(try await command.stop().termination == .exited(7))
    }
  }
}
