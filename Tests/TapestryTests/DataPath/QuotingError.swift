import NetTypes
import TestKit

/// An ICMP error, and the packet that it quotes.
struct QuotingError: Sendable {
  var outer: IPv4Packet
  var message: ICMPMessage
  var quoted: (source: IPv4Address, destination: IPv4Address)

  /// nil unless all checksums are right, that of the quoted header too.
  init?(_ packet: IPv4Packet) {
    guard packet.hasValidPayloadChecksum, let message = packet.icmp, message.payload.count >= 20,
      InternetChecksum.of(Array(message.payload.prefix(20))) == 0,
      let source = IPv4Address(bytes: Array(message.payload[12..<16])),
      let destination = IPv4Address(bytes: Array(message.payload[16..<20]))
    else { return nil }
    outer = packet
    self.message = message
    quoted = (source, destination)
  }
}
