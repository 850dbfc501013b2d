/// Which link a message is about: `ifi_index`, or IFLA_IFNAME where there is no index.
public struct LinkReference: Hashable, Sendable, CustomStringConvertible {
  /// nil where the kernel is to look the name up.
  public let index: Int32?
  /// For an index, only for the words of errors.
  public let name: String?

  private init(index: Int32?, name: String?) {
    self.index = index
    self.name = name
  }

  /// The link with this index. `name` is for the words of errors.
  public static func index(_ index: Int32, named name: String? = nil) -> LinkReference {
    LinkReference(index: index, name: name)
  }

  /// The link with this name, or with this alternative name.
  public static func name(_ name: String) -> LinkReference { LinkReference(index: nil, name: name) }

  public var description: String { Self.words(index: index ?? 0, name: name) }

  static func words(index: Int32, name: String?) -> String { name ?? "link \(index)" }
}

extension Link {
  public var reference: LinkReference { .index(index, named: name) }
}
