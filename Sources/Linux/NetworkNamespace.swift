import CLinux

/// A network namespace, held by an fd: network_namespaces(7).
public struct NetworkNamespace: ~Copyable, Sendable {
  private let descriptor: OwnedFileDescriptor

  /// Opens the namespace at a path: `/run/netns/NAME`, `/proc/PID/ns/net`.
  /// - Throws: `KernelError` of open(2).
  public init(path: String) throws(KernelError) {
    descriptor = try File.open(path)
  }

  /// Opens the namespace of the calling thread.
  /// - Throws: `KernelError` of open(2).
  public static func current() throws(KernelError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// Opens the namespace of the process, that is of its main thread.
  /// - Throws: `KernelError` of open(2).
  public static func ofProcess() throws(KernelError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/self/ns/net")
  }

  /// Moves the calling thread to the namespace of the process if it is in another.
  static func enterThatOfProcess() throws(KernelError) {
    // Without /proc no thread can have found another namespace.
    guard let process = try? ofProcess(), let current = try? current().identity(),
      try process.identity() != current
    else { return }
    try process.enter()
  }

  /// Moves only the calling thread into this namespace: setns(2).
  ///
  /// Only for dedicated threads that end in the namespace and resume no task. A pool thread of Swift's would run other tasks
  /// there, and the pool's threads that are created while a moved thread resumes a task start there too.
  /// - Throws: `KernelError`: EPERM without CAP_SYS_ADMIN.
  public func enter() throws(KernelError) {
    _ = try valueOrError(clinux_enter_network_namespace(descriptor.rawValue), "setns")
  }

  /// Moves the calling thread into a new, empty namespace: unshare(2).
  /// - Throws: `KernelError`: EPERM without CAP_SYS_ADMIN.
  public static func unshare() throws(KernelError) {
    _ = try valueOrError(clinux_unshare_network_namespace(), "unshare")
  }

  /// The fd, borrowed, for calls that take a namespace by fd, and for `/proc/PID/fd/N`.
  public var fileDescriptor: Int32 { descriptor.rawValue }

  /// Returns the device and the inode of the nsfs file, which identify the namespace.
  /// - Throws: `KernelError` of fstat(2).
  public func identity() throws(KernelError) -> Identity {
    try FileIdentity(descriptor: descriptor.rawValue)
  }

  /// The identity of an nsfs file.
  public typealias Identity = FileIdentity
}
