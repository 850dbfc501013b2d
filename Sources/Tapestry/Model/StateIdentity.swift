package import Linux

/// The identity of a state file, and the network namespace that it describes.
package struct StateIdentity: Hashable, Sendable {
  /// Sixteen hexadecimal digits, chosen when the file is created. Moving the file does not change it.
  package var id: String
  /// The network namespace with the file's kernel objects; nil while there are none, for example after a reboot.
  package var namespace: NetworkNamespace.Identity?
  /// Whether the file is a copy of the one in use, or was restored from a copy: guests may have been attached since.
  package var isCopy: Bool
}
