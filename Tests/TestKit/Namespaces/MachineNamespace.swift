import Glibc
import Linux

/// The network namespaces that no test may touch: the one the tests were started in, and the machine's.
enum MachineNamespace {
  private static let identities: Set<NetworkNamespace.Identity> = {
    // That of pid 1 cannot be read without CAP_SYS_PTRACE; then nothing of the kind can be entered either.
    let paths = ["/proc/\(getpid())/ns/net", "/proc/1/ns/net"]
    return Set(paths.compactMap { try? NetworkNamespace(path: $0).identity() })
  }()

  /// - Throws: `SystemError` of EPERM when the calling thread is in one of them.
  static func refuse() throws(SystemError) {
    let own = try NetworkNamespace.current().identity()
    guard !identities.isEmpty, !identities.contains(own) else {
      throw SystemError("run a test in the machine's own network namespace", .notPermitted)
    }
  }
}
