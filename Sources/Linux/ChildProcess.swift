import CLinux
import Glibc

/// A child process: vfork(2) and execve(2).
///
/// The child starts in the process group of its parent, so that the terminal's ^C reaches both, once. It starts in the
/// namespaces of the thread that starts it. No signal is blocked in it. Ignored signals stay ignored, as nohup(1)
/// expects. The parent must wait for the child: until then, the kernel cannot reuse its process id.
public struct ChildProcess: ~Copyable, Sendable {
  /// The process id.
  public let pid: Int32
  private let descriptor: OwnedFileDescriptor

  /// How a process ended: wait(2).
  public enum Termination: Hashable, Sendable, CustomStringConvertible {
    /// It called exit(3) with this status, 0–255.
    case exited(Int32)
    /// It was killed by this signal.
    case signaled(Int32)

    /// The status that a shell reports: that of exit(3), or 128 plus the signal's number.
    public var status: Int32 {
      switch self {
      case .exited(let status): status
      case .signaled(let signal): 128 + signal
      }
    }

    /// `exit status 1` or `signal 9`.
    public var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .signaled(let signal): "signal \(signal)"
      }
    }
  }

  /// The fds that a child gets as 0, 1 and 2; nil for those of the parent.
  public struct StandardStreams: Sendable {
    /// The fd for standard input.
    public var input: Int32?
    /// The fd for standard output.
    public var output: Int32?
    /// The fd for standard error.
    public var error: Int32?

    /// The parent's fds unless others are given.
    public init(input: Int32? = nil, output: Int32? = nil, error: Int32? = nil) {
      self.input = input
      self.output = output
      self.error = error
    }
  }

  /// Starts `arguments[0]`, a path or a name in PATH, with `arguments` as its argv.
  /// - Parameters:
  ///   - arguments: The argv, not empty.
  ///   - environment: `NAME=value` strings; nil for the parent's. The parent's PATH is searched either way.
  ///   - streams: The child's standard streams.
  ///   - parentDeathSignal: The signal that the child gets when the *thread* that starts it ends: PR_SET_PDEATHSIG of
  ///     prctl(2). Only for threads that outlive the child. 0 for none.
  /// - Throws: `KernelError`: EINVAL for empty `arguments` or a string with a NUL byte; the errno of execve(2) (ENOENT,
  ///   EACCES), and then no child is left.
  public init(
    _ arguments: [String], environment: [String]? = nil, streams: StandardStreams = StandardStreams(),
    parentDeathSignal: Int32 = 0
  ) throws(KernelError) {
    let pid = try unsafe Self.spawn(arguments, environment, streams, parentDeathSignal) { unsafe clinux_spawn($0) }
    try self.init(waitingFor: pid)
  }

  /// Takes over a child that no other code waits for.
  init(waitingFor pid: Int32) throws(KernelError) {
    let pidDescriptor = clinux_pidfd_open(pid)
    if pidDescriptor < 0 {
      // The child has not been waited for, so the process id is still its own.
      _ = Glibc.kill(pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0, Errno.current == .interrupted {}
    }
    let descriptor = OwnedFileDescriptor(owning: try valueOrError(pidDescriptor, "pidfd_open \(pid)"))
    self.pid = pid
    self.descriptor = descriptor
  }

  static func spawn(
    _ arguments: [String], _ environment: [String]? = nil, _ streams: StandardStreams = StandardStreams(),
    _ parentDeathSignal: Int32 = 0, with start: (UnsafePointer<clinux_spawn_request>) -> pid_t
  ) throws(KernelError) -> Int32 {
    let operation = "execute \(arguments.first ?? "nothing")"
    guard let program = arguments.first, !(arguments + (environment ?? [])).contains(where: { $0.utf8.contains(0) })
    else { throw KernelError(operation, .invalidArgument) }

    let argumentVector = CStringVector(arguments)
    let environmentVector = environment.map { CStringVector($0) }
    var request = unsafe clinux_spawn_request()
    unsafe request.arguments = UnsafePointer(argumentVector.pointers)
    unsafe request.environment = environmentVector.map { unsafe UnsafePointer($0.pointers) }
    unsafe request.standard_streams = (streams.input ?? -1, streams.output ?? -1, streams.error ?? -1)
    unsafe request.parent_death_signal = parentDeathSignal
    let child = unsafe program.withCString { name in
      unsafe request.program = unsafe name
      return unsafe withUnsafePointer(to: request) { unsafe start($0) }
    }
    withExtendedLifetime((argumentVector, environmentVector)) {}
    return try valueOrError(child, operation)
  }

  /// The pidfd, borrowed. It polls as readable when the child has ended.
  public var fileDescriptor: Int32 { descriptor.rawValue }

  /// Sends `signal` to the child: pidfd_send_signal(2). It never reaches another process.
  /// - Throws: `KernelError`: ESRCH if the child has been waited for.
  public func kill(_ signal: Int32) throws(KernelError) {
    _ = try valueOrError(clinux_pidfd_send_signal(descriptor.rawValue, signal), "send signal \(signal) to \(pid)")
  }

  /// Blocks the calling thread until the child has ended, and reaps it: waitid(2).
  /// - Throws: `KernelError`: ECHILD if the child has already been waited for.
  public func wait() throws(KernelError) -> Termination {
    var signaled: Int32 = 0
    let value = unsafe clinux_pidfd_wait(descriptor.rawValue, &signaled)
    let status = try valueOrError(value, "wait for process \(pid)")
    return signaled == 0 ? .exited(status) : .signaled(status)
  }

  /// Blocks the calling thread for at most `limit`. Returns nil if the child is still running then.
  /// - Throws: `KernelError`: ECHILD if the child has already been waited for.
  public func wait(atMost limit: Duration) throws(KernelError) -> Termination? {
    try Poll.isReadable(descriptor.rawValue, within: limit) ? try wait() : nil
  }
}
