import FoundationEssentials
import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("The files of a dnsmasq", .needsKernel)
struct NameFileTests {
  /// Whether somebody can list a folder, or read a file.
  private static func reads(_ path: String, user: Int, group: Int, in site: Site) async throws -> Bool {
    let result = try await site.host.command(
      arguments: [
        "setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "sh", "-c",
        "if [ -d \(path) ]; then ls \(path); else cat \(path); fi",
      ])
    return result.status == 0
  }

  /// Who a process is, as /proc says it: the effective user and group, and the others.
  private static func account(of pid: Int32) throws -> (user: Int, group: Int, groups: [Substring]) {
    let lines = try File.readLine("/proc/\(pid)/status").split(separator: "\n")
    func numbers(_ key: String) -> [Substring] {
      lines.first { $0.hasPrefix(key) }?.split(whereSeparator: \.isWhitespace).dropFirst().map(\.self) ?? []
    }
    let (users, groups) = (numbers("Uid:"), numbers("Gid:"))
    return (Int(users[1]) ?? 0, Int(groups[1]) ?? 0, numbers("Groups:"))
  }

  private static func paths(_ inner: InnerSite, _ made: Tapestry.Attachment) -> [String] {
    let folder = "\(inner.site.rig.statePath).d/network-inner"
    return [folder] + ["hosts", "leases"].flatMap { ["\(folder)/\($0)", "\(folder)/\($0)/\(made.address)"] }
  }

  @Test("are read by it, also those that come later, and by no other user")
  func readers() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      // Attached after it was started.
      let made = try await inner.attach("web-1")
      let pid = try #require(try await inner.site.nameServers().first)
      let account = try Self.account(of: pid)
      #expect(account.user != 0 && account.group != 0 && account.groups.isEmpty)
      for path in Self.paths(inner, made) {
        #expect(try await Self.reads(path, user: account.user, group: account.group, in: inner.site), "\(path)")
        #expect(try await !Self.reads(path, user: 65533, group: 65533, in: inner.site), "\(path)")
        #expect(try await !Self.reads(path, user: 65533, group: 30, in: inner.site), "\(path)")
      }
      let guest = try await inner.site.boot(made)
      let discover = DHCPMessage(.discover, transaction: 1, of: guest.mac).frame(from: guest.mac)
      let offer = try await guest.sendRepeatedly(discover) { $0.dhcpAnswer?.kind == .offer }?.dhcpAnswer
      #expect(offer?.yourAddress == made.address)
      #expect(try await guest.lookUp("web-1.inner.internal") == .addresses(made.address))
    }
  }

  @Test("that everybody could read are so no more when it is started")
  func older() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      let made = try await inner.attach("web-1")
      let paths = Self.paths(inner, made)
      for path in paths { #expect(unsafe chown(path, 0, 0) == 0 && chmod(path, 0o755) == 0) }
      for pid in try await inner.site.nameServers() { kill(pid, SIGKILL) }
      #expect(try await eventually { try await !inner.site.manager.check().isEmpty })
      try await inner.site.manager.repair()
      let account = try Self.account(of: try #require(try await inner.site.nameServers().first))
      for path in paths {
        #expect(try await Self.reads(path, user: account.user, group: account.group, in: inner.site), "\(path)")
        #expect(try await !Self.reads(path, user: 65533, group: 65533, in: inner.site), "\(path)")
      }
    }
  }
}
