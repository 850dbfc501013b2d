import CLinux
import Netlink

/// Destination NAT to this host. NFTA_REDIR_.
public struct Redirect: Hashable, Sendable {
  /// The register of the first port of the range; nil keeps the connection's port.
  public var port: Register?
  /// The register of the last port of the range.
  public var lastPort: Register?
  /// How ports are chosen.
  public var flags: NATFlags = []
}

extension Redirect: ExpressionBody {
  static let name = "redir"

  func encode(into buffer: inout MessageBuffer) {
    if let port { buffer.put(NFTA_REDIR_REG_PROTO_MIN, port) }
    if let lastPort { buffer.put(NFTA_REDIR_REG_PROTO_MAX, lastPort) }
    buffer.put(NFTA_REDIR_FLAGS, flags, givesPort: port != nil)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    port = try fields.register(NFTA_REDIR_REG_PROTO_MIN)
    lastPort = try fields.lastRegister(NFTA_REDIR_REG_PROTO_MAX, after: port)
    flags = try fields.natFlags(NFTA_REDIR_FLAGS)
  }
}
