public import Linux

/// What tells a state file from others, and where what it says is so.
public struct StateIdentity: Hashable, Sendable {
  /// Sixteen hexadecimal digits, chosen when the file is made. It stays when the file is moved.
  public var id: String
  /// The network namespace that has the kernel's side of it; nil as long as there is none, as after a restart of the host.
  public var namespace: NetworkNamespace.Identity?
  /// Whether it is a copy of the file that has been in use, or was restored from one: others may have been attached since.
  public var isCopy: Bool

  public init(id: String, namespace: NetworkNamespace.Identity? = nil, isCopy: Bool = false) {
    self.id = id
    self.namespace = namespace
    self.isCopy = isCopy
  }
}
