/// A transport protocol with ports.
public enum Transport: String, Hashable, Sendable, CaseIterable, Codable {
  /// TCP (RFC 9293), and UDP (RFC 768).
  case tcp, udp

  /// Its IANA number.
  var number: UInt8 { self == .tcp ? Traffic.tcp : Traffic.udp }
}
