import Linux
import Netlink
import TestKit

@testable import RouteNetlink

/// The bytes of a batch that fits in one datagram; sequence numbers are 0 until it is sent.
func bytes(_ build: (inout RouteBatch) -> Void) -> [UInt8] {
  var batch = RouteBatch()
  build(&batch)
  return batch.buffers.flatMap(\.bytes)
}

/// The bytes of a message's payload.
func payload(_ build: (inout MessageBuffer) -> Void) -> [UInt8] {
  var buffer = MessageBuffer()
  build(&buffer)
  return buffer.bytes
}

extension [UInt8] {
  /// Decodes bytes as if the kernel had sent them.
  func decoded<Value>(_ decode: (RawSpan) throws(DecodingFailure) -> Value) throws(DecodingFailure) -> Value {
    try unsafe decode(span.bytes)
  }
}

extension TestNamespace {
  /// Calls `body` with a socket to the namespace.
  func route<Result: Sendable>(
    _ body: @escaping @Sendable (inout RouteSocket) throws -> Result
  ) async throws -> Result {
    try await run {
      var socket = try RouteSocket()
      return try body(&socket)
    }
  }

  /// Makes changes in the namespace; throws the first that fails.
  func apply(_ build: @escaping @Sendable (inout RouteBatch) throws -> Void) async throws {
    try await route { socket in
      var batch = RouteBatch()
      try build(&batch)
      try socket.apply(batch)
    }
  }

  /// Makes changes in the namespace and returns what failed.
  func send(_ build: @escaping @Sendable (inout RouteBatch) throws -> Void) async throws -> [KernelError] {
    try await route { socket in
      var batch = RouteBatch()
      try build(&batch)
      return try socket.send(batch)
    }
  }

  /// What ip-link(8) says of a link.
  func ipLink(_ name: String) async throws -> JSONValue {
    try await json("ip", "-j", "-d", "link", "show", "dev", name)[0]
  }

  func linkIndex(_ name: String) async throws -> Int32 {
    Int32(try await ipLink(name)["ifindex"].int ?? 0)
  }
}

extension RouteSocket {
  /// The root qdiscs, except the defaults that the kernel installed; of one link, or of all.
  mutating func rootQdiscs(linkIndex: Int32? = nil) throws(KernelError) -> [RootQdisc] {
    try qdiscs().compactMap { qdisc in
      guard case .root(let root) = qdisc, linkIndex == nil || root.linkIndex == linkIndex else { return nil }
      return root
    }
  }
}
