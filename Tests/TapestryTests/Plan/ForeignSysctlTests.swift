import Linux
import Testing

@testable import Tapestry

@Suite("A sysctl that a state file names")
struct ForeignSysctlTests {
  static let foreign = [
    "kernel/core_pattern", "kernel/modprobe", "fs/protected_symlinks", "net/core/bpf_jit_enable",
    "net/ipv4/ip_forward/",
    "/net/ipv4/ip_forward", "net/ipv4//ip_forward", "net/ipv4/conf/../../../kernel/core_pattern",
    "net/ipv4/conf/../forwarding", "net/ipv4/conf/./forwarding", "net/ipv4/conf//forwarding",
    "net/ipv4/conf/eth0/../forwarding", "net/ipv4/conf/all/forwarding", "net/ipv4/conf/eth0/rp_filter",
    "net/ipv4/conf/eth0/forwarding/", "net/ipv4/conf/eth0/accept_ra", "net/ipv4/conf/eth0/accept_redirects",
    "net/ipv6/conf/all/accept_ra", "net/ipv6/conf/eth0/accept_redirects", "net/ipv6/conf/a b/forwarding",
    "net/ipv6/conf/a:b/forwarding", "net/ipv6/conf/0123456789abcdef/forwarding", "net/ipv4/conf/\u{301}/forwarding/x",
    // A slash that is no character of its own.
    "net/ipv4/conf/a/\u{301}b/forwarding", "net/ipv4/conf/..\0/forwarding", "../kernel/core_pattern", "..", "", "net",
  ]

  static let ours =
    [Sysctl.ipv4Forward, .ipv6Forward]
    + Forwarding.sideEffects(links: ["eth0", "eth0.100", "0123456789abcde", "ü", "…"])
    + ["default", "eth0", "eth0.100"].flatMap { [Forwarding.ofLink($0, .v6), Forwarding6.routerAdvertisements($0)] }

  @Test("is ours only by a name that Tapestry writes itself")
  func names() {
    for name in Self.foreign { #expect(!Sysctl(rawValue: name).isChanged, "\(name)") }
    for sysctl in Self.ours { #expect(sysctl.isChanged, "\(sysctl)") }
    let plan = Plan.difference(
      Desired(networks: [], restoredSysctls: Dictionary(Self.ours.map { ($0, "0") }) { $1 }), Observed())
    #expect(plan.steps.count == Set(Self.ours).count)
  }

  @Test("has a number for a value")
  func values() {
    for text in ["0", "1", "2", "-1", "2147483647"] { #expect(Sysctl.mayBeValue(text), "\(text)") }
    for text in ["", "00", "+1", "1 ", "1\n", "|/bin/sh", "0x1", "99999999999", "١"] {
      #expect(!Sysctl.mayBeValue(text), "\(text)")
    }
  }

  /// The engine of a state file with this row, in which nobody has a network.
  private static func engine(_ directory: StateDirectory, _ name: String, _ value: String) throws -> Engine {
    let lock = try StateLock(statePath: directory.file)
    let store = try directory.store()
    try store.rememberSysctl(Sysctl(rawValue: name), value: value)
    return Engine(.init(statePath: directory.file), host: StubbornHost(), store: store, lock: lock)
  }

  @Test(
    "that is none of ours makes the file a damaged one, and no step is ever planned of it",
    arguments: foreign.map { ($0, "0") } + [("net/ipv4/ip_forward", "|/bin/sh"), ("net/ipv4/conf/eth0/forwarding", "")])
  func planned(name: String, value: String) throws {
    let directory = try StateDirectory()
    let engine = try Self.engine(directory, name, value)
    expect(.stateCorrupt) { _ = try engine.desired() }
    expect(.stateCorrupt) { try engine.cleanup(network: nil) }
    expect(.stateCorrupt) { _ = try engine.repair(adopt: false) }
    expect(.stateCorrupt) { try directory.store().verify() }
    #expect((engine.host as? StubbornHost)?.applied == [])
  }

  @Test("that was looked at, and not changed, is not written down; nor put back where it once was")
  func arpIgnore() throws {
    let observed: [Sysctl: String] = [.ipv4Forward: "0", Desired.arpIgnore: "1", Forwarding.ofLink("eth0", .v4): "1"]
    #expect(Forwarding.lost(.v4, observed) == [Forwarding.ofLink("eth0", .v4): "1"])
    let directory = try StateDirectory()
    let engine = try Self.engine(directory, Desired.arpIgnore.rawValue, "1")
    #expect(try engine.desired().restoredSysctls == [:])
    try engine.cleanup(network: nil)
    #expect((engine.host as? StubbornHost)?.applied == [])
  }

  @Test("that is ours is put back")
  func restored() throws {
    let directory = try StateDirectory()
    let engine = try Self.engine(directory, "net/ipv4/ip_forward", "0")
    #expect(try engine.desired().restoredSysctls == [.ipv4Forward: "0"])
    try engine.cleanup(network: nil)
    #expect((engine.host as? StubbornHost)?.applied == [.restoreSysctl(.ipv4Forward, value: "0")])
  }
}
