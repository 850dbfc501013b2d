import CLinux
import Glibc

/// A network namespace held by a descriptor: network_namespaces(7).
public struct NetworkNamespace: ~Copyable, Sendable {
  private let descriptor: OwnedFileDescriptor

  /// Opens the namespace at a path: `/run/netns/NAME`, `/proc/PID/ns/net`.
  public init(path: String) throws(SystemError) {
    descriptor = try File.open(path)
  }

  /// The namespace of the calling thread.
  public static func current() throws(SystemError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// The namespace of the process: that of its first thread.
  public static func ofProcess() throws(SystemError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/self/ns/net")
  }

  /// Moves the calling thread, if it is elsewhere, into the namespace of the process.
  static func enterThatOfProcess() throws(SystemError) {
    // Without /proc nobody has found another.
    guard let process = try? ofProcess(), let current = try? current().identity(),
      try process.identity() != current
    else { return }
    try process.enter()
  }

  /// Moves the calling thread, and it alone, into this namespace: setns(2).
  ///
  /// Only for threads of one's own that end there and resume no task: a thread of Swift's pool that is moved takes other
  /// tasks along, and so do the threads that the pool makes on the one that resumes a task.
  public func enter() throws(SystemError) {
    _ = try valueOrError(clinux_enter_network_namespace(descriptor.rawValue), "setns")
  }

  /// Moves the calling thread into a new, empty namespace: unshare(2).
  public static func unshare() throws(SystemError) {
    _ = try valueOrError(clinux_unshare_network_namespace(), "unshare")
  }

  /// The descriptor's number, for calls that take a namespace by it, and `/proc/PID/fd/N`. It is only borrowed.
  public var fileDescriptor: Int32 { descriptor.rawValue }

  /// What tells two namespaces apart: device and inode of the nsfs file.
  public func identity() throws(SystemError) -> Identity {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { throw SystemError("fstat", .current) }
    return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  public struct Identity: Hashable, Sendable {
    public var device: UInt64
    public var inode: UInt64

    public init(device: UInt64, inode: UInt64) {
      self.device = device
      self.inode = inode
    }
  }
}
