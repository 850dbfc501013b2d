import Linux
import TestKit
import Testing

@Suite("A network namespace", .needsKernel)
struct NetworkNamespaceTests {
  @Test("is the same by whatever path, and another one is not")
  func identity() async throws {
    let own = try NetworkNamespace(path: "/proc/self/ns/net").identity()
    #expect(try NetworkNamespace.current().identity() == own)
    try await withNamespace { namespace in
      let inside = try await namespace.run { try NetworkNamespace.current().identity() }
      #expect(try NetworkNamespace(path: namespace.path).identity() == inside)
      #expect(inside != own)
      #expect(try NetworkNamespace.current().identity() == own)
    }
  }

  @Test("is entered by one thread alone")
  func enter() async throws {
    try await withNamespaces { first, second in
      let path = second.path
      let (before, after) = try await first.run {
        let before = try NetworkNamespace.current().identity()
        try NetworkNamespace(path: path).enter()
        return (before, try NetworkNamespace.current().identity())
      }
      #expect(before != after)
      #expect(after == (try NetworkNamespace(path: path).identity()))
      #expect(before == (try await first.run { try NetworkNamespace.current().identity() }))
    }
  }

  @Test("is not found where there is none")
  func missing() {
    let error = #expect(throws: KernelError.self) { _ = try NetworkNamespace(path: "/run/netns/no-such-namespace") }
    #expect(error?.errno == .noSuchFile)
  }

  @Test("is not one of another kind")
  func otherKind() async throws {
    let error = await #expect(throws: KernelError.self) {
      try await onOwnThread { try NetworkNamespace(path: "/proc/self/ns/uts").enter() }
    }
    #expect(error == KernelError("setns", .invalidArgument))
  }
}

@Suite("A sysctl", .needsKernel)
struct SysctlTests {
  @Test("is read and written in the namespace of the thread")
  func readWrite() async throws {
    try await withNamespace { namespace in
      let setting = Sysctl(rawValue: "net/ipv4/conf/lo/forwarding")
      let values = try await namespace.run {
        try setting.write("1")
        let on = try setting.read()
        try setting.write("0")
        return [on, try setting.read()]
      }
      #expect(values == ["1", "0"])
    }
  }

  @Test("of an interface is named with its dots")
  func dots() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "br0.100", "type", "bridge")
      let value = try await namespace.run { try Sysctl(rawValue: "net/ipv4/conf/br0.100/proxy_arp").read() }
      #expect(value == "0")
    }
  }

  @Test("that does not exist is ENOENT, and a value it does not take EINVAL")
  func errors() async throws {
    try await withNamespace { namespace in
      let missing = try await #require(throws: KernelError.self) {
        try await namespace.run { try Sysctl(rawValue: "net/ipv4/conf/nosuch0/forwarding").read() }
      }
      #expect(missing.errno == .noSuchFile)
      let invalid = try await #require(throws: KernelError.self) {
        try await namespace.run { try Sysctl.ipv4Forward.write("perhaps") }
      }
      #expect(invalid == KernelError("write /proc/sys/net/ipv4/ip_forward", .invalidArgument))
    }
  }
}
