import CLinux
import Netlink

/// Sends a connection to this host itself.
public struct Redirect: Hashable, Sendable {
  /// The first port to choose from, and the last; nil keeps the connection's own.
  public var port: Register?
  public var lastPort: Register?
  public var flags: NATFlags

  public init(port: Register? = nil, lastPort: Register? = nil, flags: NATFlags = []) {
    self.port = port
    self.lastPort = lastPort
    self.flags = flags
  }
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
