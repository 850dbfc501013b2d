import Glibc

/// A VMM that was taken over, in a process of its own: it opens a TAP as whoever it is, does to it what its descriptor lets
/// it, and holds it until it is stopped.
public struct TapHolder: Sendable {
  private let process: RunningCommand

  /// What can be done by the descriptor.
  public enum Deed: Hashable, Sendable {
    /// SIOCSIFHWADDR, 12 digits.
    case mac(String)
    case owner(UInt32)
    case group(UInt32)
    /// TUNSETPERSIST
    case persist(Bool)
    /// TUNSETTXFILTER: nothing but frames to a MAC that nobody has.
    case deafen
    /// TUNATTACHFILTER: nothing at all.
    case filter
    case headerSize(UInt32)
    case offloads(UInt32)
    case room(UInt32)

    fileprivate var word: String {
      switch self {
      case .mac(let digits): "mac=\(digits)"
      case .owner(let uid): "owner=\(uid)"
      case .group(let gid): "group=\(gid)"
      case .persist(let isOn): "persist=\(isOn ? 1 : 0)"
      case .deafen: "deafen=1"
      case .filter: "filter=1"
      case .headerSize(let bytes): "header=\(bytes)"
      case .offloads(let flags): "offloads=\(flags)"
      case .room(let bytes): "room=\(bytes)"
      }
    }
  }

  /// The TAP is not its to open, or something that it tried is not.
  public struct Refused: Error {
    public let message: String
  }

  /// - Parameter uid: Who it is, and the group; 0 keeps root's rights.
  /// - Throws: `Refused`, with the system call and the kernel's answer.
  public init(in namespace: TestNamespace, tap: String, uid: UInt32, _ deeds: [Deed] = []) async throws {
    process = try await namespace.start(arguments: ["perl", "-e", Self.script, tap, "\(uid)"] + deeds.map(\.word))
    try await process.waitForOutput(containing: "done")
    let answer = try process.stderr
    guard try process.stdout.contains("holds") else { throw Refused(message: answer) }
  }

  /// Lets go of the TAP.
  public func stop() async throws { try await process.stop() }

  /// The device is opened first: it may be root's alone. Perl takes all rights away with the ids.
  private static let script = """
    use strict; my ($tap, $uid, @deeds) = @ARGV; $| = 1;
    sub refuse { print STDERR "$_[0]: $!\\n"; print STDERR "done\\n"; exit 1 }
    open(my $tun, "+<", "/dev/net/tun") or refuse("/dev/net/tun");
    if ($uid) { $( = $uid; $) = "$uid $uid"; ($<, $>) = ($uid, $uid); }
    my $tries = 0;
    # Somebody who forks holds a copy of a descriptor for a moment.
    until (ioctl($tun, 0x400454ca, pack("a16 S x22", $tap, 0x1002))) {
      refuse("TUNSETIFF") if $! != 16 || ++$tries > 2000;
      select(undef, undef, undef, 0.005);
    }
    my $nothing = pack("S C C L", 6, 0, 0, 0);
    for (@deeds) {
      my ($name, $value) = split /=/;
      my ($request, $argument) =
        $name eq "mac" ? (0x8924, pack("a16 S H12 x16", $tap, 1, $value)) :
        $name eq "owner" ? (0x400454cc, $value + 0) :
        $name eq "group" ? (0x400454ce, $value + 0) :
        $name eq "persist" ? (0x400454cb, $value + 0) :
        $name eq "deafen" ? (0x400454d1, pack("S S H12", 0, 1, "020000009999")) :
        $name eq "filter" ? (0x401054d5, pack("S x6 P", 1, $nothing)) :
        $name eq "header" ? (0x400454d8, pack("i", $value)) :
        $name eq "offloads" ? (0x400454d0, $value + 0) :
        (0x400454d4, pack("i", $value));
      ioctl($tun, $request, $argument) or refuse($name);
    }
    print "holds\\ndone\\n";
    sleep;
    """
}
