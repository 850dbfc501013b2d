import NetTypes
import TestKit
import Testing

@Suite("A full disk, on the command line", .needsKernel)
struct FullDiskTests {
  private static let gateway = IPv4Address(172, 30, 0, 1)

  /// A rig whose state file is on a small file system that the namespace alone has.
  private static func use(_ body: (CommandRig) async throws -> Void) async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("mount", "-t", "tmpfs", "-o", "mode=700,size=2m", "none", rig.directory)
      try await body(rig)
    }
  }

  private static func fill(_ rig: CommandRig) async throws {
    let result = try await rig.shell("cat /dev/zero > \(rig.directory)/filler")
    #expect(result.status != 0 && result.stderr.contains("No space left"), "\(result)")
  }

  /// Whether the guest's packets get to the host: they are sent until one is answered, or for a while.
  private static func pings(_ guest: StandInGuest, within limit: Duration = .seconds(1)) async -> Bool {
    // Sending fails where the TAP is gone.
    (try? await guest.ping(gateway, within: limit)) == true
  }

  @Test("guests are stopped on it all the same: by detach, a policy, detach --all; nobody is attached")
  func stops() async throws {
    try await Self.use { rig in
      var guests: [StandInGuest] = []
      for vm in ["a", "b", "c"] { guests.append(try await rig.guest(try await rig.json("attach", vm))) }
      for guest in guests { #expect(await Self.pings(guest, within: .patience)) }
      let listed = try await rig.output("ls")
      try await Self.fill(rig)

      expectError(try await rig.tapestry("attach", "d"), "STATE_UNAVAILABLE", saying: "ENOSPC")
      #expect(try await rig.output("ls") == listed)
      #expect(try await rig.output("check") == "no drift\n")
      for guest in guests { #expect(await Self.pings(guest, within: .patience)) }

      _ = try await rig.output("detach", "a")
      #expect(await !Self.pings(guests[0]))
      _ = try await rig.output("policy", "set", "--network", "default", "--host-access", "none")
      #expect(await !Self.pings(guests[1]))
      #expect(try await rig.output("check") == "no drift\n")
      _ = try await rig.output("policy", "set", "--network", "default", "--host-access", "icmp")
      #expect(await Self.pings(guests[1], within: .patience))
      _ = try await rig.output("detach", "--all")
      for guest in guests { #expect(await !Self.pings(guest)) }
      #expect(try await rig.output("check") == "no drift\n")

      try await rig.namespace.command("rm", rig.directory + "/filler")
      let guest = try await rig.guest(try await rig.json("attach", "e"))
      #expect(await Self.pings(guest, within: .patience))
    }
  }

  @Test("is no obstacle to cleanup, network rm and gc, after which the host is as before")
  func cleanup() async throws {
    try await Self.use { rig in
      let before = try await rig.kernelState()
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("network", "create", "blue")
      _ = try await rig.output("network", "create", "red", "--mode", "routed")
      for number in 0..<20 { _ = try await rig.output("attach", "vm-\(number)", "--publish", "\(8000 + number):80") }
      _ = try await rig.output("attach", "ended", "--pid", "\(vmm.pid)")
      let guest = try await rig.guest(try await rig.json("inspect", "vm-0")[0])
      #expect(await Self.pings(guest, within: .patience))
      try await vmm.stop()
      try await Self.fill(rig)
      #expect(try await rig.output("gc").contains("of ended/eth0 has ended"))
      _ = try await rig.output("unpublish", "vm-1", "8001:80")
      _ = try await rig.output("network", "rm", "red")
      _ = try await rig.output("cleanup")
      #expect(await !Self.pings(guest))
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("keeps nobody from being attached whose attach then fails, and it takes back what it began")
  func takenBack() async throws {
    try await Self.use { rig in
      _ = try await rig.output("gc")
      let before = try await rig.state()
      try await Self.fill(rig)
      expectError(try await rig.tapestry("attach", "a"), "STATE_UNAVAILABLE", saying: "ENOSPC")
      try await rig.namespace.command("rm", rig.directory + "/filler")
      try await rig.expectUnchanged(since: before)
    }
  }
}
