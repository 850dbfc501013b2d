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

  static let ufw = Firewall(
    name: "ufw", place: "FORWARD", start: ownFiles + "own /etc/ufw; ufw --force enable",
    rules: "iptables -S FORWARD", contents: "iptables-save | sed -e '/^#/d' -e 's/\\[.*\\]//'",
    // A mere reload leaves the rules of FORWARD alone.
    reload: "iptables -F FORWARD; iptables -P FORWARD ACCEPT; /lib/ufw/ufw-init flush-all; ufw --force enable")

  static let firewalld = Firewall(
    name: "firewalld", place: "inet firewalld filter_FORWARD",
    start: ownFiles + """
      own /etc/firewalld
      mkdir /run/dbus
      dbus-daemon --system --fork --nopidfile 2>/dev/null
      firewalld --nopid --log-file /run/firewalld.log
      for i in $(seq 300); do firewall-cmd -q --state && break; sleep 0.1; done
      """,
    rules: "nft -s list chain inet firewalld filter_FORWARD", contents: "nft -s list table inet firewalld",
    reload: "firewall-cmd -q --reload")
}

@Suite("Beside firewalls that are programs", .needsKernel)
struct ProgramTests {
  private static let hasUFW = FileManager.default.fileExists(atPath: "/usr/sbin/ufw")
  private static let hasFirewalld = FileManager.default.fileExists(atPath: "/usr/sbin/firewalld")

  @Test("ufw, which was there before", .enabled(if: hasUFW, "ufw is not installed: Scripts/install-packages firewalls"))
  func ufwBefore() async throws { try await Firewall.ufw.wasThereBefore() }

  @Test("ufw, which comes later", .enabled(if: hasUFW, "ufw is not installed: Scripts/install-packages firewalls"))
  func ufwLater() async throws { try await Firewall.ufw.comesLater() }

  @Test(
    "firewalld, which was there before",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"))
  func firewalldBefore() async throws { try await Firewall.firewalld.wasThereBefore() }

  @Test(
    "firewalld, which comes later, and reloads",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"))
  func firewalldLater() async throws { try await Firewall.firewalld.comesLater() }

  @Test(
    "firewalld's own way to let a subnet through is seen, and needs no rules of ours",
    .enabled(if: hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"))
  func trusted() async throws {
    try await Site.use { site in
      _ = try await site.sh(Firewall.firewalld.start)
      _ = try await site.sh(
        "firewall-cmd -q --permanent --zone=trusted --add-source=172.30.0.0/24; firewall-cmd -q --reload")
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      #expect(try await site.count(.firewalld) == 0)
      #expect(try await site.manager.check() == [])
    }
  }
}
