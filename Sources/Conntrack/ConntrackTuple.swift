import CLinux
import Glibc
public import NetTypes
public import Netlink

/// The addresses of the packets of one direction of a connection: `struct nf_conntrack_tuple`.
public struct ConntrackTuple: Hashable, Sendable {
  /// The source and the destination address: CTA_TUPLE_IP.
  public var addresses: Addresses
  /// The layer 4 protocol, such as IPPROTO_TCP: CTA_PROTO_NUM.
  public var protocolNumber: UInt8
  /// The ports or the ICMP fields: CTA_TUPLE_PROTO.
  public var transport: Transport
  /// The zone of this direction alone: CTA_TUPLE_ZONE. nil if there is none.
  public var zone: UInt16?
  /// All other CTA_TUPLE_ attributes. A nest with unknown attributes is kept here whole.
  public var other: [RawAttribute] = []

  /// A tuple without other attributes.
  public init(addresses: Addresses, protocolNumber: UInt8, transport: Transport, zone: UInt16? = nil) {
    self.addresses = addresses
    self.protocolNumber = protocolNumber
    self.transport = transport
    self.zone = zone
  }

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
    /// ICMP or ICMPv6 queries. The reply's tuple has the type of the answer.
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
  /// Decodes the payload of CTA_TUPLE_IP. `isKnown` becomes false if it has attributes that are not decoded.
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
      throw DecodingFailure("a tuple without two addresses of one family")
    }
  }
}

extension RawSpan {
  /// Decodes the payload of CTA_TUPLE_PROTO. `isKnown` becomes false if it has attributes that are not decoded.
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
    // No known protocol has only one of a pair: keep the attributes undecoded.
    if source != nil || destination != nil || identifier != nil || icmpType != nil || code != nil { isKnown = false }
    return (number, .none)
  }
}
