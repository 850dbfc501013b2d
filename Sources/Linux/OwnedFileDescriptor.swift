import Glibc

/// A file descriptor with one owner. It closes when the owner lets go of it, exactly once.
public struct OwnedFileDescriptor: ~Copyable, Sendable {
  /// The descriptor's number. It is only borrowed: do not close it.
  public let rawValue: Int32

  /// Takes over an open descriptor.
  public init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { _ = Glibc.close(rawValue) }

  /// Closes now and reports what close(2) says, which `deinit` cannot.
  public consuming func close() throws(SystemError) {
    let descriptor = rawValue
    discard self
    // Linux frees the descriptor even on EINTR: never try again.
    guard Glibc.close(descriptor) == 0 else { throw SystemError("close", .current) }
  }

  /// Gives the descriptor away; the caller closes it.
  public consuming func release() -> Int32 {
    let descriptor = rawValue
    discard self
    return descriptor
  }
}
