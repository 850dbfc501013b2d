/// Makes a private network namespace with its loopback up, calls the body, and removes it with all that runs in it.
/// - Throws: `KernelError` when it cannot be made: EPERM without root, or where it would be the machine's own.
public func withNamespace<R>(_ body: (TestNamespace) async throws -> R) async throws -> R {
  let namespace = try await TestNamespace.make()
  return try await ending([namespace]) { try await body(namespace) }
}

/// Makes two private network namespaces, for a host and what is outside of it, say.
public func withNamespaces<R>(_ body: (TestNamespace, TestNamespace) async throws -> R) async throws -> R {
  try await withNamespace { first in
    try await withNamespace { second in try await body(first, second) }
  }
}

/// Makes three private network namespaces.
public func withNamespaces<R>(
  _ body: (TestNamespace, TestNamespace, TestNamespace) async throws -> R
) async throws -> R {
  try await withNamespaces { first, second in
    try await withNamespace { third in try await body(first, second, third) }
  }
}

private func ending<R>(_ namespaces: [TestNamespace], after body: () async throws -> R) async throws -> R {
  do {
    let result = try await body()
    for namespace in namespaces { await namespace.end() }
    return result
  } catch {
    for namespace in namespaces { await namespace.end() }
    throw error
  }
}
