import Glibc

/// A file descriptor with a single owner. It is closed exactly once, when the owner releases it.
public struct OwnedFileDescriptor: ~Copyable, Sendable {
  /// The fd, borrowed: do not close it.
  public let rawValue: Int32

  /// Takes ownership of an open fd.
  public init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { _ = Glibc.close(rawValue) }

  /// Closes the fd and reports the error of close(2), which `deinit` cannot.
  /// - Throws: `KernelError` of close(2). The fd is closed in any case.
  public consuming func close() throws(KernelError) {
    let descriptor = rawValue
    discard self
    // Linux closes the fd even on EINTR: never retry.
    guard Glibc.close(descriptor) == 0 else { throw KernelError("close", .current) }
  }

  /// Gives up ownership; the caller closes the fd.
  public consuming func release() -> Int32 {
    let descriptor = rawValue
    discard self
    return descriptor
  }
}
