import Linux

/// The thread on which a manager works: it blocks in system calls instead of Swift's pool, and it lives in the network
/// namespace that is worked on.
typealias HostExecutor = ThreadExecutor

extension HostExecutor {
  /// - Parameter networkNamespacePath: nil for the namespace of the calling thread.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_REFUSED`.
  static func make(networkNamespacePath path: String?) throws(TapestryError) -> HostExecutor {
    do throws(SystemError) {
      guard let path else { return try ThreadExecutor(name: "tapestry") }
      return try ThreadExecutor(name: "tapestry", namespace: try NetworkNamespace(path: path))
    } catch {
      throw TapestryError(error)
    }
  }
}
