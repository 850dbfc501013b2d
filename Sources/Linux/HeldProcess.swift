import CLinux
import Glibc

/// A child process that is there, with its process id, and has not begun: fork(2). It executes nothing until it is
/// released; let go of before that, or left behind by a parent that ends, it ends.
public struct HeldProcess: ~Copyable, Sendable {
  public let pid: Int32
  private let operation: String
  private let gate: OwnedFileDescriptor
  private var process: ChildProcess?

  /// - Parameter arguments: as a `ChildProcess` takes them; and it will be in everything else as one.
  /// - Throws: `SystemError`: EAGAIN for too many processes; EINVAL for an empty `arguments`, or a string with a zero
  ///   byte.
  public init(_ arguments: [String]) throws(SystemError) {
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
    // It has done nothing, and is never to begin. That it cannot be killed or waited for means that it has ended.
    try? process.kill(SIGKILL)
    _ = try? process.wait()
  }

  /// Lets it begin: execve(2).
  /// - Throws: `SystemError` with what execve(2) said (ENOENT, EACCES), and then there is no child any more.
  public consuming func release() throws(SystemError) -> ChildProcess {
    _ = try valueOrError(clinux_release(gate.rawValue), operation)
    guard let process = process.take() else { throw SystemError(operation, .noSuchProcess) }
    return process
  }
}
