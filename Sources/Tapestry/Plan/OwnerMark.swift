import NetTypes

/// The mark in a link's alias (IFLA_IFALIAS) that says whose it is: `tapestry:NETWORK` on a bridge,
/// `tapestry:NETWORK/VM/INTERFACE` on a TAP. Links without a mark are never changed or deleted.
enum OwnerMark: Hashable, Sendable {
  case network(Identifier)
  case attachment(network: Identifier, key: AttachmentKey)

  private static let prefix = "tapestry:"

  /// Returns nil if the alias is not ours.
  init?(alias: String) {
    guard alias.hasPrefix(Self.prefix) else { return nil }
    let parts = alias.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    let identifiers = parts.compactMap { Identifier(text: String($0)) }
    guard identifiers.count == parts.count else { return nil }
    switch identifiers.count {
    case 1: self = .network(identifiers[0])
    case 3:
      self = .attachment(network: identifiers[0], key: AttachmentKey(vm: identifiers[1], interface: identifiers[2]))
    default: return nil
    }
  }

  /// The link's alias: at most 202 bytes of the 255 that the kernel stores.
  var alias: String {
    switch self {
    case .network(let network): "\(Self.prefix)\(network)"
    case .attachment(let network, let key): "\(Self.prefix)\(network)/\(key.vm)/\(key.interface)"
    }
  }

  var network: Identifier {
    switch self {
    case .network(let network), .attachment(let network, _): network
    }
  }

  var key: AttachmentKey? { if case .attachment(_, let key) = self { key } else { nil } }
}
