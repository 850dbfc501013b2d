import Linux

/// The thread that a manager works on. It blocks in system calls instead of Swift's pool. For a network namespace other
/// than the process's, there is a second thread, which lives in that namespace.
struct Workplace: Sendable {
  let executor: ThreadExecutor
  private let elsewhere: NamespaceThread?

  /// - Parameter networkNamespacePath: nil for the namespace of the calling thread.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_REFUSED`.
  init(networkNamespacePath path: String?) throws(TapestryError) {
    do throws(KernelError) {
      executor = try ThreadExecutor(name: "tapestry")
      let namespace = if let path { try NetworkNamespace(path: path) } else { try NetworkNamespace.current() }
      let isThatOfProcess = try namespace.identity() == NetworkNamespace.ofProcess().identity()
      elsewhere = isThatOfProcess ? nil : try NamespaceThread(name: "tapestry-work", namespace: namespace)
    } catch {
      throw TapestryError(error)
    }
  }

  /// Runs a piece of work in the namespace. Call it only on the executor's thread.
  func run<Value>(_ work: @escaping () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    guard let elsewhere else { return try work() }
    return try elsewhere.run(work)
  }

  /// Runs the caller's own code from within a piece of work, outside the namespace.
  func outside(_ body: @escaping () -> Void) {
    guard let elsewhere else { return body() }
    elsewhere.outside(body)
  }
}
