import CLinux
import Netlink

/// Gives a connection the address of the interface it goes out of as its source.
public struct Masquerade: Hashable, Sendable {
  public var flags: NATFlags
  /// The first port to choose from, and the last.
  public var port: Register?
  public var lastPort: Register?

  public init(flags: NATFlags = [], port: Register? = nil, lastPort: Register? = nil) {
    self.flags = flags
    self.port = port
    self.lastPort = lastPort
  }
}

extension Masquerade: ExpressionBody {
  static let name = "masq"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_MASQ_FLAGS, flags, givesPort: port != nil)
    if let port { buffer.put(NFTA_MASQ_REG_PROTO_MIN, port) }
    if let lastPort { buffer.put(NFTA_MASQ_REG_PROTO_MAX, lastPort) }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    flags = try fields.natFlags(NFTA_MASQ_FLAGS)
    port = try fields.register(NFTA_MASQ_REG_PROTO_MIN)
    lastPort = try fields.lastRegister(NFTA_MASQ_REG_PROTO_MAX, after: port)
  }
}
