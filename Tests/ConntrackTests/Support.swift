import CLinux
import Glibc
import NetTypes
import Netlink
import TestKit

@testable import Conntrack

extension [UInt8] {
  /// Decodes bytes as if the kernel had sent them.
  func decoded<Value>(_ decode: (RawSpan) throws(DecodingFailure) -> Value) throws(DecodingFailure) -> Value {
    try unsafe decode(span.bytes)
  }
}

extension TestNamespace {
  /// Calls `body` with a socket to the namespace.
  func conntrack<Result: Sendable>(
    _ body: @escaping @Sendable (inout ConntrackSocket) throws -> Result
  ) async throws -> Result {
    try await run {
      var socket = try ConntrackSocket()
      return try body(&socket)
    }
  }

  func socket(_ kind: FlowSocket.Kind, _ address: String, port: UInt16 = 0) async throws -> FlowSocket {
    try await run { try FlowSocket(kind, address, port: port) }
  }

  /// What conntrack(8) lists, each line without what changes by itself: the timeout and the number of references.
  func conntrackLines(_ family: String = "ipv4") async throws -> Set<String> {
    let output = try await command("conntrack", "-L", "-f", family, "-o", "id")
    return Set(
      output.split(separator: "\n").map { line in
        let words = line.split(separator: " ").enumerated().filter { $0 != 2 && !$1.hasPrefix("use=") }
        return words.map(\.element).joined(separator: " ")
      })
  }
}

extension MessageBuffer {
  mutating func udpTuple(
    _ type: ctattr_type, from source: IPv4Address, _ sourcePort: UInt16, to destination: IPv4Address,
    _ destinationPort: UInt16
  ) {
    nest(type.rawValue) { tuple in
      tuple.nest(CTA_TUPLE_IP.rawValue) { addresses in
        addresses.attribute(CTA_IP_V4_SRC.rawValue, bigEndian: source.rawValue)
        addresses.attribute(CTA_IP_V4_DST.rawValue, bigEndian: destination.rawValue)
      }
      tuple.nest(CTA_TUPLE_PROTO.rawValue) { layer4 in
        layer4.attribute(CTA_PROTO_NUM.rawValue, UInt8(IPPROTO_UDP))
        layer4.attribute(CTA_PROTO_SRC_PORT.rawValue, bigEndian: sourcePort)
        layer4.attribute(CTA_PROTO_DST_PORT.rawValue, bigEndian: destinationPort)
      }
    }
  }
}

extension TestNamespace {
  /// Puts `count` UDP connections of each guest into the table without any packet: IPCTNL_MSG_CT_NEW.
  func insertConnections(of guests: [IPv4Address], count: Int = 1) async throws {
    try await run {
      var socket = try NetlinkSocket(.netfilter)
      for guest in guests {
        var buffer = MessageBuffer()
        for port in 1...UInt16(count) {
          buffer.conntrackMessage(IPCTNL_MSG_CT_NEW, [.create, .exclusive], family: AF_INET, operation: "insert") {
            let server = IPv4Address(198, 51, 100, 2)
            $0.udpTuple(CTA_TUPLE_ORIG, from: guest, port, to: server, 53)
            $0.udpTuple(CTA_TUPLE_REPLY, from: server, 53, to: guest, port)
            $0.attribute(CTA_TIMEOUT.rawValue, bigEndian: UInt32(600))
          }
        }
        buffer.acknowledgeLast()
        try socket.perform(buffer)
      }
    }
  }
}

extension TestNamespace {
  /// Puts a UDP connection into the table whose two directions have four addresses: both ends are translated.
  func insertTranslated(
    from source: IPv4Address, to destination: IPv4Address, repliesFrom replySource: IPv4Address,
    to replyDestination: IPv4Address
  ) async throws {
    try await run {
      var socket = try NetlinkSocket(.netfilter)
      var buffer = MessageBuffer()
      buffer.conntrackMessage(IPCTNL_MSG_CT_NEW, [.create, .exclusive], family: AF_INET, operation: "insert") {
        $0.udpTuple(CTA_TUPLE_ORIG, from: source, 1000, to: destination, 2000)
        $0.udpTuple(CTA_TUPLE_REPLY, from: replySource, 2000, to: replyDestination, 1000)
        $0.attribute(CTA_TIMEOUT.rawValue, bigEndian: UInt32(600))
      }
      buffer.acknowledgeLast()
      try socket.perform(buffer)
    }
  }
}
