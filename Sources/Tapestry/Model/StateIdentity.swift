public import Linux

/// What tells a state file from others, and where what it says is so.
public struct StateIdentity: Hashable, Sendable {
  /// Sixteen hexadecimal digits, chosen when the file is made. It stays when the file is moved.
  public var id: String
  /// The network namespace that has the kernel's side of it; nil as long as there is none, as after a restart of the host.
  public var namespace: NetworkNamespace.Identity?

  public init(id: String, namespace: NetworkNamespace.Identity? = nil) {
    self.id = id
    self.namespace = namespace
  }
}
