import Linux
import NetTypes
import TestKit
import Testing

@Suite("A TAP device", .needsKernel)
struct TapDeviceTests {
  let name: InterfaceName

  init() throws { name = try InterfaceName(parsing: "svtest0") }

  @Test("vanishes when it is let go of")
  func vanishes() async throws {
    try await withNamespace { [name] namespace in
      let isThere = try await namespace.run {
        var isThere: [Bool] = []
        do {
          let tap = try TapDevice(name: name)
          isThere.append(exists(tap.name))
        }
        return isThere
      }
      #expect(isThere == [true])
      #expect(try await eventually { try await namespace.run { !exists(name) } })
    }
  }

  @Test("that is persistent stays, until it is no longer")
  func persistent() async throws {
    try await withNamespace { [name] namespace in
      try await namespace.run { try TapDevice(name: name).setPersistent(true) }
      #expect(try await namespace.run { exists(name) })
      #expect(try await attaching(in: namespace) { tap throws(KernelError) in try tap.setPersistent(false) })
      #expect(try await eventually { try await namespace.run { !exists(name) } })
    }
  }

  @Test("is not made of an existing link, a TAP that nobody holds or any other, where it must be new")
  func exclusive() async throws {
    try await withNamespace { [name] namespace in
      try await namespace.run { try TapDevice(name: name).setPersistent(true) }
      let busy = await #expect(throws: KernelError.self) { try await namespace.run { _ = try TapDevice(name: name) } }
      #expect(busy?.errno == .busy)
      #expect(busy?.operation.contains("svtest0") == true)

      try await namespace.command("ip", "link", "add", "svother0", "type", "bridge")
      let other = try InterfaceName(parsing: "svother0")
      let bridge = await #expect(throws: KernelError.self) {
        try await namespace.run { _ = try TapDevice(name: other) }
      }
      #expect(bridge?.errno == .busy)
      #expect(try await namespace.run { exists(name) && exists(other) })
    }
  }

  @Test("that is made without a carrier gets it from whoever attaches next")
  func carrier() async throws {
    try await withNamespace { [name] namespace in
      try await namespace.run {
        let tap = try TapDevice(name: name, carrier: false)
        try tap.setPersistent(true)
      }
      try await namespace.command("ip", "link", "set", "\(name)", "up")
      #expect(try await namespace.run { try File.readLine("/sys/class/net/\(name)/carrier") } == "0")
      let isAttached = try await attaching(in: namespace) { tap throws(KernelError) in
        #expect(try File.readLine("/sys/class/net/\(tap.name)/carrier") == "1")
        try tap.setPersistent(false)
      }
      #expect(isAttached)
    }
  }

  /// Attaches to the TAP, once it is free: a child that another test starts just now may hold a copy of the descriptor
  /// until it calls execve(2).
  /// - Returns: whether it came to be free.
  private func attaching(
    in namespace: TestNamespace, _ body: @escaping @Sendable (borrowing TapDevice) throws(KernelError) -> Void
  ) async throws -> Bool {
    try await eventually { [name] in
      try await namespace.run {
        do throws(KernelError) {
          try body(try TapDevice(name: name, exclusive: false))
          return true
        } catch {
          guard error.errno == .busy else { throw error }
          return false
        }
      }
    }
  }

  @Test("is held by one at a time: it is no multi-queue device")
  func oneQueue() async throws {
    try await withNamespace { [name] namespace in
      try await namespace.run {
        let tap = try TapDevice(name: name)
        #expect(try File.readLine("/sys/class/net/\(name)/tun_flags") == "0x1002")
        let error = #expect(throws: KernelError.self) { _ = try TapDevice(name: name, exclusive: false) }
        #expect(error?.errno == .busy)
        try tap.setPersistent(false)
      }
    }
  }

  @Test("may belong to a user and a group")
  func owner() async throws {
    try await withNamespace { [name] namespace in
      let owners = try await namespace.run {
        let tap = try TapDevice(name: name)
        let before = try File.readLine("/sys/class/net/\(name)/owner")
        try tap.setOwner(uid: 4242)
        try tap.setGroup(gid: 4343)
        let path = "/sys/class/net/\(name)"
        return [before, try File.readLine("\(path)/owner"), try File.readLine("\(path)/group")]
      }
      #expect(owners == ["-1", "4242", "4343"])
    }
  }

  @Test("is given to the user who owns it, and to no other", arguments: [(4242, true), (4343, false)])
  func attachedByOwner(uid: UInt32, succeeds: Bool) async throws {
    try await withNamespace { [name] namespace in
      try await namespace.run {
        let tap = try TapDevice(name: name)
        try tap.setOwner(uid: 4242)
        try tap.setPersistent(true)
      }
      // A VMM with no right but to open /dev/net/tun, which is the machine's to give, attaches and keeps what it got.
      let rights = "-all,+dac_override"
      let command = [
        "setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", "--inh-caps", rights, "--ambient-caps",
        rights, "--bounding-set", rights, "busybox", "tunctl", "-t", "\(name)",
      ]
      var result = try await namespace.command(arguments: command)
      // A child that another test starts just now may hold a copy of the descriptor until it calls execve(2).
      _ = try await eventually {
        guard result.stderr.contains("busy") else { return true }
        result = try await namespace.command(arguments: command)
        return false
      }
      #expect((result.status == 0) == succeeds, "\(result.stderr)")
      if !succeeds { #expect(result.stderr.contains("Operation not permitted")) }
    }
  }

  @Test("with a name the kernel does not take is EINVAL")
  func invalidName() async throws {
    let colon = try InterfaceName(parsing: "sv:0")
    try await withNamespace { namespace in
      let error = await #expect(throws: KernelError.self) { try await namespace.run { _ = try TapDevice(name: colon) } }
      #expect(error?.errno == .invalidArgument)
    }
  }
}

private func exists(_ name: InterfaceName) -> Bool {
  (try? File.readLine("/sys/class/net/\(name)/ifindex")) != nil
}
