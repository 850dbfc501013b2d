import Glibc
import Linux

/// The network namespaces that no test may touch: the one the tests were started in, and the machine's. Only what moves
/// no packet and makes no link is done there, by the threads of Swift's pool.
enum MachineNamespace {
  private static let identities: Set<NetworkNamespace.Identity> = {
    // That of pid 1 cannot be read without CAP_SYS_PTRACE; then nothing of the kind can be entered either.
    let paths = ["/proc/\(getpid())/ns/net", "/proc/1/ns/net"]
    return Set(paths.compactMap { try? NetworkNamespace(path: $0).identity() })
  }()

  /// - Throws: `KernelError` of EPERM when the calling thread is in one of them.
  static func refuse() throws(KernelError) {
    let own = try NetworkNamespace.current().identity()
    guard !identities.isEmpty, !identities.contains(own) else {
      throw KernelError("run a test in the machine's own network namespace", .notPermitted)
    }
  }

  /// - Throws: `KernelError` of EXDEV when the calling thread, which runs tasks, is in a namespace of some test.
  static func requireOfTask() throws(KernelError) {
    guard try NetworkNamespace.current().identity() == NetworkNamespace.ofProcess().identity() else {
      throw KernelError("run a task on a thread that was left in another network namespace", .init(rawValue: EXDEV))
    }
  }
}
