import CLinux
import Glibc
public import NetTypes
public import Netlink

/// One direction of a tracked connection, as its packets are addressed: `struct nf_conntrack_tuple`.
public struct ConntrackTuple: Hashable, Sendable {
  public var addresses: Addresses
  /// The protocol within IP: IPPROTO_TCP and its like.
  public var protocolNumber: UInt8
  public var transport: Transport
  /// The zone, where it is one of this direction alone: CTA_TUPLE_ZONE.
  public var zone: UInt16?
  /// All other CTA_TUPLE_ attributes, and those nests that hold something which is not known, whole.
  public var other: [RawAttribute] = []

  public init(addresses: Addresses, protocolNumber: UInt8, transport: Transport, zone: UInt16? = nil) {
    self.addresses = addresses
    self.protocolNumber = protocolNumber
    self.transport = transport
    self.zone = zone
  }

  /// Whom packets of this direction are from and to: CTA_IP_.
  public enum Addresses: Hashable, Sendable {
    case v4(source: IPv4Address, destination: IPv4Address)
    case v6(source: IPv6Address, destination: IPv6Address)
  }

  /// What tells connections of one protocol between two addresses apart: CTA_PROTO_. Numbers are in host byte order.
  public enum Transport: Hashable, Sendable {
    /// TCP, UDP, UDP-Lite, SCTP and DCCP; the keys of GRE.
    case ports(source: UInt16, destination: UInt16)
    /// ICMP and ICMPv6 that ask and are answered; the reply's tuple has the answer's type.
    case icmp(identifier: UInt16, type: UInt8, code: UInt8)
    /// Any other protocol: all its packets between two addresses are one connection.
    case none
  }
}

extension ConntrackTuple {
  /// Decodes the payload of CTA_TUPLE_ORIG or CTA_TUPLE_REPLY.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    var addresses: Addresses?
    var layer4: (protocolNumber: UInt8, transport: Transport)?
    var zone: UInt16?
    var other: [RawAttribute] = []
    try payload.forEachAttribute { type, value throws(DecodingFailure) in
      var isKnown = true
      switch UInt32(type) {
      case CTA_TUPLE_IP.rawValue: addresses = try Addresses(decoding: value, isKnown: &isKnown)
      case CTA_TUPLE_PROTO.rawValue: layer4 = try value.conntrackProtocol(isKnown: &isKnown)
      case CTA_TUPLE_ZONE.rawValue: zone = UInt16(bigEndian: try value.exactly())
      default: isKnown = false
      }
      if !isKnown { other.append(RawAttribute(type: type, payload: value.array)) }
    }
    guard let addresses, let layer4 else { throw DecodingFailure("a tuple without addresses or without a protocol") }
    self.init(
      addresses: addresses, protocolNumber: layer4.protocolNumber, transport: layer4.transport, zone: zone)
    self.other = other
  }
}

extension ConntrackTuple.Addresses {
  /// Decodes the payload of CTA_TUPLE_IP; `isKnown` becomes false where there is more in it than is decoded.
  init(decoding payload: RawSpan, isKnown: inout Bool) throws(DecodingFailure) {
    var (source4, destination4): (IPv4Address?, IPv4Address?)
    var (source6, destination6): (IPv6Address?, IPv6Address?)
    var hasUnknown = false
    try payload.forEachAttribute { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_IP_V4_SRC.rawValue: source4 = IPv4Address(rawValue: UInt32(bigEndian: try value.exactly()))
      case CTA_IP_V4_DST.rawValue: destination4 = IPv4Address(rawValue: UInt32(bigEndian: try value.exactly()))
      case CTA_IP_V6_SRC.rawValue: source6 = IPv6Address(rawValue: UInt128(bigEndian: try value.exactly()))
      case CTA_IP_V6_DST.rawValue: destination6 = IPv6Address(rawValue: UInt128(bigEndian: try value.exactly()))
      default: hasUnknown = true
      }
    }
    if hasUnknown { isKnown = false }
    if let source4, let destination4 {
      self = .v4(source: source4, destination: destination4)
    } else if let source6, let destination6 {
      self = .v6(source: source6, destination: destination6)
    } else {
      throw DecodingFailure("a tuple with less than two addresses of one family")
    }
  }
}

extension RawSpan {
  /// Decodes the payload of CTA_TUPLE_PROTO; `isKnown` becomes false where there is more in it than is decoded.
  fileprivate func conntrackProtocol(
    isKnown: inout Bool
  ) throws(DecodingFailure) -> (protocolNumber: UInt8, transport: ConntrackTuple.Transport) {
    var number: UInt8?
    var (source, destination): (UInt16?, UInt16?)
    var (identifier, icmpType, code): (UInt16?, UInt8?, UInt8?)
    var hasUnknown = false
    try forEachAttribute { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_PROTO_NUM.rawValue: number = try value.exactly()
      case CTA_PROTO_SRC_PORT.rawValue: source = UInt16(bigEndian: try value.exactly())
      case CTA_PROTO_DST_PORT.rawValue: destination = UInt16(bigEndian: try value.exactly())
      case CTA_PROTO_ICMP_ID.rawValue, CTA_PROTO_ICMPV6_ID.rawValue:
        identifier = UInt16(bigEndian: try value.exactly())
      case CTA_PROTO_ICMP_TYPE.rawValue, CTA_PROTO_ICMPV6_TYPE.rawValue: icmpType = try value.exactly()
      case CTA_PROTO_ICMP_CODE.rawValue, CTA_PROTO_ICMPV6_CODE.rawValue: code = try value.exactly()
      default: hasUnknown = true
      }
    }
    if hasUnknown { isKnown = false }
    guard let number else { throw DecodingFailure("a tuple without a protocol number") }
    if let source, let destination { return (number, .ports(source: source, destination: destination)) }
    if let identifier, let icmpType, let code {
      return (number, .icmp(identifier: identifier, type: icmpType, code: code))
    }
    // Half of a pair is not what any protocol has: it is kept as it came.
    if source != nil || destination != nil || identifier != nil || icmpType != nil || code != nil { isKnown = false }
    return (number, .none)
  }
}
