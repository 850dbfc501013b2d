/// Text that is not an `InterfaceName`.
public struct InterfaceNameError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text, unaltered: it may hold any character, control characters included.
  public let name: String
  /// What the name was for, such as `bridgeName`.
  public let field: String

  init(name: String, field: String) {
    self.name = name
    self.field = field
  }

  /// A sentence for the user, naming the refused text and what it was for.
  public var message: String { "\(field) '\(name)' is not a valid Linux interface name" }

  /// The `message`.
  public var description: String { message }
}
