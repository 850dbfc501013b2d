import Glibc
import Linux
public import Testing

extension Trait where Self == ConditionTrait {
  /// For a test that makes namespaces. Without the right to, the test is skipped, but where the environment says
  /// `CI=true` it runs, and so fails.
  public static var needsKernel: Self {
    .enabled("needs root and the right to make namespaces (sudo, or a container with CAP_SYS_ADMIN and CAP_NET_ADMIN)")
    {
      let mayMake = await NamespaceRight.exists
      return mayMake || NamespaceRight.isDemanded
    }
  }
}

enum NamespaceRight {
  private static let trial = Task { try await withNamespace { _ in } }

  static var exists: Bool {
    get async { (try? await trial.value) != nil }
  }

  static var isDemanded: Bool {
    guard let value = unsafe getenv("CI") else { return false }
    return unsafe String(cString: value) == "true"
  }
}
