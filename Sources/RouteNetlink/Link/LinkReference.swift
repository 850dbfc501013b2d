/// The link that a message is about: `ifi_index`, or IFLA_IFNAME if there is no index.
public struct LinkReference: Hashable, Sendable, CustomStringConvertible {
  /// nil if the kernel is to look up the name.
  public let index: Int32?
  /// With an index, the name is for error texts only.
  public let name: String?

  private init(index: Int32?, name: String?) {
    self.index = index
    self.name = name
  }

  /// The link with this index. `name` is for error texts only.
  public static func index(_ index: Int32, named name: String? = nil) -> LinkReference {
    LinkReference(index: index, name: name)
  }

  /// The link with this name or alternative name.
  public static func name(_ name: String) -> LinkReference { LinkReference(index: nil, name: name) }

  /// The name, or `link INDEX`.
  public var description: String { Self.text(index: index ?? 0, name: name) }

  static func text(index: Int32, name: String?) -> String { name ?? "link \(index)" }
}

extension Link {
  /// The link by index, with its name for error texts.
  public var reference: LinkReference { .index(index, named: name) }
}
