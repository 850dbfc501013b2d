import Linux
import NetTypes
import Netlink
import Testing

@testable import RouteNetlink

@Suite("Batches")
struct RouteBatchTests {
  @Test("a batch counts its messages and says what each does")
  func operations() throws {
    var batch = RouteBatch()
    #expect(batch.isEmpty)
    batch.create(NewLink(try InterfaceName(parsing: "svbr0"), .bridge(BridgeAttributes())))
    var change = LinkChange(.name("svweb1eth0"))
    change.master = 3
    change.bridgePort = BridgePortAttributes()
    batch.set(change)
    batch.addAlternativeName("web-1.eth0", to: .index(4, named: "svweb1eth0"))
    batch.delete(.index(4, named: "svweb1eth0"))
    batch.deleteLinks(group: 7)
    #expect(batch.count == 6)
    #expect(
      batch.operations == [
        "create bridge svbr0", "set link svweb1eth0", "set bridge port svweb1eth0",
        "add alternative name web-1.eth0 to svweb1eth0", "delete link svweb1eth0", "delete links of group 7",
      ])
  }

  @Test("a batch too large for one datagram is cut between messages, and loses none")
  func large() throws {
    var batch = RouteBatch()
    for index in 1...5000 as ClosedRange<Int32> { batch.delete(.index(index)) }
    #expect(batch.count == 5000)
    #expect(batch.buffers.count == 3)
    #expect(batch.buffers.allSatisfy { $0.bytes.count <= 65 << 10 && !$0.messages.isEmpty })
    var indices: [Int32] = []
    for buffer in batch.buffers {
      for entry in buffer.messages {
        indices.append(
          try buffer.bytes.decoded { span throws(DecodingFailure) in try span.integer(at: entry.offset + 20) })
      }
    }
    #expect(indices == Array(1...5000))
  }

  @Test("prefixes and addresses of both families are what they are made of")
  func prefixes() throws {
    let host = IPPrefix.host(.v4(IPv4Address(10, 0, 0, 1)))
    #expect(host.description == "10.0.0.1/32")
    #expect(host.family == .inet)
    #expect(!host.isDefault)
    let six = IPPrefix.host(.v6(try IPv6Address(parsing: "fd00::1")))
    #expect(six.prefixLength == 128)
    #expect(six.family == .inet6)
    #expect(IPPrefix.v6(try IPv6Prefix(parsing: "::/0")).isDefault)
    #expect(IPAddress.v4(IPv4Address(10, 0, 0, 1)).bitWidth == 32)
    #expect(IPAddress.v6(try IPv6Address(parsing: "::1")).bitWidth == 128)
  }
}
