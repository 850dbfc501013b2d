/// A transport protocol with ports.
public enum Transport: String, Hashable, Sendable, CaseIterable, Codable {
  case tcp, udp

  /// Its IANA number.
  var number: UInt8 { self == .tcp ? Traffic.tcp : Traffic.udp }
}
