import CLinux
import Glibc
public import NetTypes
import Netlink

/// The addresses of the packets of one direction of a connection: `struct nf_conntrack_tuple`.
public struct ConntrackTuple: Hashable, Sendable {
  /// The source and the destination address: CTA_TUPLE_IP.
  public var addresses: Addresses
  /// The layer 4 protocol, such as IPPROTO_TCP: CTA_PROTO_NUM.
  public var protocolNumber: UInt8
  /// The ports: CTA_TUPLE_PROTO.
  public var transport: Transport

  /// The source and the destination address: CTA_IP_.
  public enum Addresses: Hashable, Sendable {
    /// CTA_IP_V4_SRC and CTA_IP_V4_DST.
    case v4(source: IPv4Address, destination: IPv4Address)
    /// CTA_IP_V6_SRC and CTA_IP_V6_DST.
    case v6(source: IPv6Address, destination: IPv6Address)
  }

  /// The fields that distinguish connections of one protocol between two addresses: CTA_PROTO_. Host byte order.
  public enum Transport: Hashable, Sendable {
    /// The ports of TCP, UDP, UDP-Lite, SCTP or DCCP, or the keys of GRE.
    case ports(source: UInt16, destination: UInt16)
    /// Any other protocol: ICMP, whose fields are not decoded, and those of which all packets between two addresses are
    /// one connection.
    case none
  }
}

extension ConntrackTuple {
  /// Decodes the payload of CTA_TUPLE_ORIG or CTA_TUPLE_REPLY.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    var addresses: Addresses?
    var layer4: (protocolNumber: UInt8, transport: Transport)?
    try payload.forEachAttribute { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_TUPLE_IP.rawValue: addresses = try Addresses(decoding: value)
      case CTA_TUPLE_PROTO.rawValue: layer4 = try value.conntrackProtocol()
      default: break
      }
    }
    guard let addresses, let layer4 else { throw DecodingFailure("a tuple without addresses or without a protocol") }
    self.init(addresses: addresses, protocolNumber: layer4.protocolNumber, transport: layer4.transport)
  }
}

extension ConntrackTuple.Addresses {
  /// Decodes the payload of CTA_TUPLE_IP.
  fileprivate init(decoding payload: RawSpan) throws(DecodingFailure) {
    var (source4, destination4): (IPv4Address?, IPv4Address?)
    var (source6, destination6): (IPv6Address?, IPv6Address?)
    try payload.forEachAttribute { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_IP_V4_SRC.rawValue: source4 = IPv4Address(rawValue: UInt32(bigEndian: try value.exactly()))
      case CTA_IP_V4_DST.rawValue: destination4 = IPv4Address(rawValue: UInt32(bigEndian: try value.exactly()))
      case CTA_IP_V6_SRC.rawValue: source6 = IPv6Address(rawValue: UInt128(bigEndian: try value.exactly()))
      case CTA_IP_V6_DST.rawValue: destination6 = IPv6Address(rawValue: UInt128(bigEndian: try value.exactly()))
      default: break
      }
    }
    if let source4, let destination4 {
      self = .v4(source: source4, destination: destination4)
    } else if let source6, let destination6 {
      self = .v6(source: source6, destination: destination6)
    } else {
      throw DecodingFailure("a tuple without two addresses of one family")
    }
  }
}

extension RawSpan {
  /// Decodes the payload of CTA_TUPLE_PROTO.
  fileprivate func conntrackProtocol() throws(DecodingFailure) -> (
    protocolNumber: UInt8, transport: ConntrackTuple.Transport
  ) {
    var number: UInt8?
    var (source, destination): (UInt16?, UInt16?)
    try forEachAttribute { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_PROTO_NUM.rawValue: number = try value.exactly()
      case CTA_PROTO_SRC_PORT.rawValue: source = UInt16(bigEndian: try value.exactly())
      case CTA_PROTO_DST_PORT.rawValue: destination = UInt16(bigEndian: try value.exactly())
      default: break
      }
    }
    guard let number else { throw DecodingFailure("a tuple without a protocol number") }
    // No known protocol has only one of the two.
    guard let source, let destination else { return (number, .none) }
    return (number, .ports(source: source, destination: destination))
  }
}
