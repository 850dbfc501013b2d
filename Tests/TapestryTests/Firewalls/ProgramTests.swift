import FoundationEssentials
import NetTypes
import Tapestry
import TestKit
import Testing

/// Firewalls that are programs, each in a test's namespaces: what they write goes to memory that is mounted over theirs.
extension Firewall {
  private static let ownFiles = """
    own() { mount --bind "$1" /mnt; mount -t tmpfs none "$1"; cp -a /mnt/. "$1"; umount /mnt; }
    mount -t tmpfs none /run

    """

  /// With what its own IPv6 adds: `IPV6=yes` of /etc/default/ufw, as Debian has it.
  static func ufw(_ family: IPFamily = .v4) -> Firewall {
    let program = family == .v6 ? "ip6tables" : "iptables"
    return Firewall(
      name: "ufw", place: "FORWARD", family: family, dropsBoth: true,
      start: ownFiles + "own /etc/ufw; ufw --force enable", rules: "\(program) -S FORWARD",
      contents: "for i in iptables ip6tables; do $i-save | sed -e '/^#/d' -e 's/\\[.*\\]//'; done",
      // A mere reload leaves the rules of FORWARD alone.
      reload: """
        for i in iptables ip6tables; do $i -F FORWARD; $i -P FORWARD ACCEPT; done
        /lib/ufw/ufw-init flush-all; ufw --force enable
        """)
  }

  static func firewalld(_ family: IPFamily = .v4) -> Firewall {
    Firewall(
      name: "firewalld", place: "inet firewalld filter_FORWARD", family: family, dropsBoth: true,
      start: ownFiles + """
        own /etc/firewalld
        mkdir /run/dbus
        dbus-daemon --system --fork --nopidfile 2>/dev/null
        firewalld --nopid --log-file /run/firewalld.log
        for i in $(seq 1200); do firewall-cmd -q --state && break; sleep 0.1; done
        """,
      rules: "nft -s list chain inet firewalld filter_FORWARD", contents: "nft -s list table inet firewalld",
      reload: "firewall-cmd -q --reload")
  }
}

@Suite("Beside firewalls that are programs", .needsKernel)
struct ProgramTests {
  static let hasUFW = FileManager.default.fileExists(atPath: "/usr/sbin/ufw")
  static let hasFirewalld = FileManager.default.fileExists(atPath: "/usr/sbin/firewalld")

  @Test(
    "ufw, which was there before",
    .enabled(if: hasUFW, "ufw is not installed: Scripts/install-packages firewalls"), arguments: IPFamily.allCases)
  func ufwBefore(family: IPFamily) async throws { try await Firewall.ufw(family).wasThereBefore() }

  @Test(
    "ufw, which comes later",
    .enabled(if: hasUFW, "ufw is not installed: Scripts/install-packages firewalls"), arguments: IPFamily.allCases)
  func ufwLater(family: IPFamily) async throws { try await Firewall.ufw(family).comesLater() }

  @Test(
    "firewalld, which was there before",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"),
    arguments: IPFamily.allCases)
  func firewalldBefore(family: IPFamily) async throws { try await Firewall.firewalld(family).wasThereBefore() }

  @Test(
    "firewalld, which comes later, and reloads",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"),
    arguments: IPFamily.allCases)
  func firewalldLater(family: IPFamily) async throws { try await Firewall.firewalld(family).comesLater() }

  @Test(
    "firewalld's own way to let a network through is seen, and needs no rules of ours",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"),
    arguments: IPFamily.allCases)
  func trusted(family: IPFamily) async throws {
    try await FirewalledSite.use(family) { walled in
      let site = walled.site
      _ = try await site.sh(Firewall.firewalld().start)
      for source in ["172.30.0.0/16"] + (family == .v6 ? ["\(Site.prefix6)"] : []) {
        _ = try await site.sh("firewall-cmd -q --permanent --zone=trusted --add-source=\(source)")
      }
      _ = try await site.sh("firewall-cmd -q --reload")
      #expect(try await walled.exchange(try await walled.guest("web-1")) != nil)
      #expect(try await site.count(.firewalld(family), of: walled.network) == 0)
      #expect(try await site.manager.check() == [])
    }
  }
}
