import CLinux
import Glibc
import Linux
import Synchronization

/// A private network namespace, with a mount namespace whose /sys shows it.
///
/// Both are held by descriptors alone: nothing is mounted where others could see it, and the kernel clears them away
/// when the test's process ends, in whatever way.
public final class TestNamespace: Sendable {
  /// For messages and names of threads: `tapestry-test-PID-N`.
  public let name: String
  /// `/proc/PID/fd/N`: for `NetworkNamespace(path:)`, `ip link set … netns PATH`, `nsenter --net=PATH`.
  public let path: String

  private let network: NetworkNamespace
  private let mounts: OwnedFileDescriptor
  private let endings = Mutex<[@Sendable () async -> Void]>([])
  private static let count = Atomic<Int>(0)

  /// Makes a namespace and brings its loopback up.
  static func make() async throws -> TestNamespace {
    try MachineNamespace.requireOfTask()
    let namespace = try await onOwnThread { try TestNamespace() }
    try await namespace.command("ip", "link", "set", "lo", "up")
    return namespace
  }

  /// Moves the calling thread, which must be one that ends soon, into the new namespaces.
  private init() throws {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    name = "tapestry-test-\(getpid())-\(number)"
    _ = try valueOrError(clinux_unshare_mount_namespace(), "unshare the mount namespace")
    try NetworkNamespace.unshare()
    // A slave rather than private: it follows when something is unmounted outside.
    try Self.mount("none", at: "/", flags: MS_REC | MS_SLAVE)
    try Self.mount("sysfs", at: "/sys", flags: MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mounts = try File.open("/proc/thread-self/ns/mnt")
    network = try NetworkNamespace.current()
    path = "/proc/\(getpid())/fd/\(network.fileDescriptor)"
    try MachineNamespace.refuse()
    Self.keepConnections()
  }

  /// Lets connections without TCP be remembered for ten minutes: on a busy machine a test may look at one much later than
  /// it made it. A kernel that tracks no connections yet has no such files.
  private static func keepConnections() {
    for kind in ["udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout", "generic_timeout"] {
      try? File.write("600", to: "/proc/sys/net/netfilter/nf_conntrack_\(kind)")
    }
  }

  private static func mount(_ type: String, at path: String, flags: Int) throws(KernelError) {
    guard unsafe Glibc.mount(type, path, type, UInt(flags), nil) == 0 else {
      throw KernelError("mount \(type) at \(path)", Errno(rawValue: errno))
    }
  }

  /// Moves the calling thread, which must be one that ends soon, into the namespaces, but not to another directory.
  func enter() throws(KernelError) {
    var directory = [CChar](repeating: 0, count: Int(PATH_MAX))
    let hasDirectory =
      unsafe directory.withUnsafeMutableBufferPointer { unsafe getcwd($0.baseAddress, $0.count) } != nil
    _ = try valueOrError(clinux_enter_mount_namespace(mounts.rawValue), "enter the mount namespace")
    if hasDirectory { _ = unsafe chdir(directory) }
    try network.enter()
    try MachineNamespace.refuse()
  }

  /// Runs `body` in the namespace, on a thread of its own; the caller's thread is not blocked.
  public func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await onOwnThread(name) {
      try self.enter()
      return try body()
    }
  }

  /// Has `ending` called when the namespace ends, before what was registered earlier.
  public func atEnd(_ ending: @escaping @Sendable () async -> Void) {
    endings.withLock { $0.append(ending) }
  }

  /// Ends what was started, the latest first, and then whatever else runs in the namespace.
  func end() async {
    while let ending = endings.withLock({ $0.popLast() }) { await ending() }
    _ = try? await onOwnThread { NamespaceProcesses.end(in: try self.network.identity()) }
  }
}
