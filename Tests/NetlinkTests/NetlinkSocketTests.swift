import CLinux
import Linux
import TestKit
import Testing

@testable import Netlink

@Suite("Exchanges with a netlink family", .needsKernel)
struct NetlinkSocketTests {
  /// RTM_GETLINK by index.
  private static func get(_ index: Int32, _ buffer: inout MessageBuffer, _ flags: MessageFlags) {
    buffer.message(UInt16(RTM_GETLINK), flags, operation: "get link \(index)") { message in
      message.append(UInt32(0))
      message.append(index)
      message.append(UInt64(0))
    }
  }

  @Test("failures come back with their operation, place and sequence number; successes do not")
  func failures() async throws {
    try await withNamespace { namespace in
      let failures = try await namespace.run {
        var socket = try NetlinkSocket(.route)
        var failures: [[KernelError]] = []
        for _ in 1...2 {
          var buffer = MessageBuffer()
          for index in [1, 7777, 1, 8888, 1] as [Int32] { Self.get(index, &buffer, [.request, .acknowledge]) }
          failures.append(try socket.send(buffer))
        }
        return failures
      }
      #expect(
        failures.map { $0.map(\.operation) } == [
          ["get link 7777", "get link 8888"], ["get link 7777", "get link 8888"],
        ])
      #expect(failures.map { $0.map(\.index) } == [[1, 3], [1, 3]])
      #expect(failures.map { $0.map(\.sequence) } == [[2, 4], [7, 9]])
      #expect(failures.allSatisfy { $0.allSatisfy { $0.errno == .noSuchDevice } })
    }
  }

  @Test("performing throws the first failure")
  func perform() async throws {
    try await withNamespace { namespace in
      let error = try await namespace.run {
        var socket = try NetlinkSocket(.route)
        var buffer = MessageBuffer()
        for index in [1, 7777, 8888] as [Int32] { Self.get(index, &buffer, [.request, .acknowledge]) }
        do throws(KernelError) {
          try socket.perform(buffer)
          return KernelError?.none
        } catch {
          return error
        }
      }
      #expect(error?.operation == "get link 7777")
    }
  }

  @Test("the answer to a request is handed out once, with or without an ack", arguments: [false, true])
  func query(acknowledged: Bool) async throws {
    try await withNamespace { namespace in
      let types = try await namespace.run {
        var socket = try NetlinkSocket(.route)
        var types: [[UInt16]] = []
        // The ack of the first query must not be taken for the second's.
        for _ in 1...2 {
          var buffer = MessageBuffer()
          Self.get(1, &buffer, acknowledged ? [.request, .acknowledge] : .request)
          var seen: [UInt16] = []
          try socket.query(buffer, restart: {}, { type, _ throws(DecodingFailure) in seen.append(type) })
          types.append(seen)
        }
        return types
      }
      #expect(types == [[UInt16(RTM_NEWLINK)], [UInt16(RTM_NEWLINK)]])
    }
  }

  @Test("an answer that cannot be decoded is EBADMSG, and names the request")
  func undecodable() async throws {
    try await withNamespace { namespace in
      let error = try await namespace.run {
        var socket = try NetlinkSocket(.route)
        var buffer = MessageBuffer()
        Self.get(1, &buffer, .request)
        do throws(KernelError) {
          try socket.query(
            buffer, restart: {}, { _, _ throws(DecodingFailure) in throw DecodingFailure("no such thing") })
          return KernelError?.none
        } catch {
          return error
        }
      }
      #expect(error?.description == "get link 1: EBADMSG: Bad message (no such thing)")
    }
  }

  @Test("a message with an attribute too long to say is not sent")
  func oversized() async throws {
    try await withNamespace { namespace in
      let error = try await namespace.run {
        var socket = try NetlinkSocket(.route)
        var buffer = MessageBuffer()
        buffer.message(UInt16(RTM_GETLINK), [.request, .acknowledge], operation: "say too much") { message in
          message.append(UInt64(0))
          message.append(UInt64(0))
          message.attribute(IFLA_IFALIAS, bytes: [UInt8](repeating: 0, count: 65_532))
        }
        do throws(KernelError) {
          _ = try socket.send(buffer)
          return KernelError?.none
        } catch {
          return error
        }
      }
      #expect(error?.errno == .messageTooLong)
      #expect(error?.operation == "say too much")
    }
  }
}
