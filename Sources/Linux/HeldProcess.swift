import CLinux
import Glibc

/// A forked child process, with a process id, that has not executed its program yet: fork(2). It executes nothing until
/// it is released. It ends if this value is destroyed before that, or if the parent ends.
public struct HeldProcess: ~Copyable, Sendable {
  /// The process id.
  public let pid: Int32
  private let operation: String
  private let gate: OwnedFileDescriptor
  private var process: ChildProcess?

  /// Forks the child.
  /// - Parameter arguments: The argv, as for `ChildProcess`. The released child behaves like a `ChildProcess`.
  /// - Throws: `KernelError`: EAGAIN if there are too many processes; EINVAL for empty `arguments` or a string with a NUL
  ///   byte.
  public init(_ arguments: [String]) throws(KernelError) {
    var descriptor: Int32 = -1
    let child = try unsafe ChildProcess.spawn(arguments) { unsafe clinux_spawn_held($0, &descriptor) }
    let opened = OwnedFileDescriptor(owning: descriptor)
    process = try ChildProcess(waitingFor: child)
    gate = opened
    pid = child
    operation = "execute \(arguments[0])"
  }

  deinit {
    guard let process else { return }
    // The child has not executed its program, and never will. If it cannot be killed or waited for, it has ended.
    try? process.kill(SIGKILL)
    _ = try? process.wait()
  }

  /// Lets the child execute its program: execve(2).
  /// - Throws: `KernelError` with the errno of execve(2) (ENOENT, EACCES). Then the child no longer exists.
  public consuming func release() throws(KernelError) -> ChildProcess {
    _ = try valueOrError(clinux_release(gate.rawValue), operation)
    guard let process = process.take() else { throw KernelError(operation, .noSuchProcess) }
    return process
  }
}
