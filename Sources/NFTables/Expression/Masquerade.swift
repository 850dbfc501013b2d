import CLinux
import Netlink

/// Masquerading: source NAT to the address of the output interface. NFTA_MASQ_.
public struct Masquerade: Hashable, Sendable {
  /// How ports are chosen.
  public var flags: NATFlags = []
  /// The register of the first port of the range; nil keeps the port if possible.
  public var port: Register?
  /// The register of the last port of the range.
  public var lastPort: Register?
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
