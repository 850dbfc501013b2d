import Glibc

/// A PID namespace, by its nsfs file: pid_namespaces(7). A process id is only meaningful within one.
public typealias PIDNamespace = FileIdentity

extension PIDNamespace {
  /// The PID namespace of this process; nil if /proc is that of another PID namespace, or not mounted.
  public static let own: PIDNamespace? = {
    guard let link = try? Directory.link("/proc/self"), link == String(getpid()) else { return nil }
    return try? PIDNamespace(path: "/proc/self/ns/pid")
  }()
}
