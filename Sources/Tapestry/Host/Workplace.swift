import Linux

/// Where a manager works: on a thread that blocks in system calls instead of Swift's pool; and where it is to work in
/// another network namespace than the process's, on a second one, which lives there.
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

  /// Runs a piece of work in the namespace. Only on the executor's thread.
  func run<Value>(_ work: @escaping () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    guard let elsewhere else { return try work() }
    return try elsewhere.run(work)
  }

  /// Runs, within a piece of work, what is the caller's own.
  func outside(_ body: @escaping () -> Void) {
    guard let elsewhere else { return body() }
    elsewhere.outside(body)
  }
}
