import CLinux
import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Exchanges with the kernel", .needsKernel)
struct RouteSocketKernelTests {
  @Test("an empty batch is nothing to do")
  func empty() async throws {
    try await withNamespace { namespace in
      let failures = try await namespace.send { _ in }
      #expect(failures.isEmpty)
    }
  }

  @Test("of a batch over several datagrams each failure is known by its place in the batch")
  func large() async throws {
    try await withNamespace { namespace in
      let failing: Set<Int> = [0, 2047, 2048, 4999]
      let failures = try await namespace.send { batch in
        for index in 0..<5000 {
          if failing.contains(index) {
            batch.deleteLinks(group: 0)
          } else {
            batch.delete(.index(1_000_000, named: "tap\(index)"))
          }
        }
      }
      #expect(failures.map(\.index) == failing.sorted())
      #expect(failures.allSatisfy { $0.errno == .notPermitted && $0.operation == "delete links of group 0" })
    }
  }

  @Test("thousands of failures in one batch are all told")
  func manyFailures() async throws {
    try await withNamespace { namespace in
      let failures = try await namespace.send { batch in
        for _ in 0..<4000 { batch.deleteLinks(group: 0) }
      }
      #expect(failures.map(\.index) == Array(0..<4000))
    }
  }

  @Test("hundreds of links are listed, each once")
  func manyLinks() async throws {
    try await withNamespace { namespace in
      let names = (0..<200).map { "br\($0)" }
      try await namespace.apply { batch in
        for name in names { batch.create(try NewLink(InterfaceName(parsing: name), .bridge(BridgeAttributes()))) }
      }
      #expect(try await namespace.route { try $0.links() }.map(\.name).filter { $0.hasPrefix("br") } == names)
    }
  }

  @Test("a dump that a change interrupts starts again, and is whole")
  func interrupted() async throws {
    try await withNamespace { namespace in
      let names = (0..<70).map { "br\($0)" }
      try await namespace.apply { batch in
        for name in names { batch.create(try NewLink(InterfaceName(parsing: name), .bridge(BridgeAttributes()))) }
      }
      let (restarts, read) = try await namespace.run {
        var changes = try RouteSocket()
        let late = try NewLink(InterfaceName(parsing: "late"), .bridge(BridgeAttributes()))
        var socket = try NetlinkSocket(.route)
        var request = MessageBuffer()
        request.message(UInt16(RTM_GETLINK), [.request, .dump], operation: "list links") { $0.appendLinkHeader() }
        var restarts = 0
        var read: [String] = []
        var isFirst = true
        try socket.query(
          request,
          restart: {
            restarts += 1
            read = []
          },
          { _, payload throws(DecodingFailure) in
            read.append(try Link(decoding: payload).name)
            guard isFirst else { return }
            isFirst = false
            // The kernel has prepared two datagrams of many by now.
            var batch = RouteBatch()
            batch.create(late)
            do { try changes.apply(batch) } catch { throw DecodingFailure("\(error)") }
          })
        return (restarts, read)
      }
      #expect(restarts == 1)
      #expect(read == ["lo"] + names + ["late"])
    }
  }

  @Test("after a dump that could not be decoded the socket goes on working")
  func undecodable() async throws {
    try await withNamespace { namespace in
      let names = (0..<70).map { "br\($0)" }
      try await namespace.apply { batch in
        for name in names { batch.create(try NewLink(InterfaceName(parsing: name), .bridge(BridgeAttributes()))) }
      }
      try await namespace.route { socket in
        for _ in 1...2 {
          var refusal: KernelError?
          do throws(KernelError) {
            _ = try socket.get(RTM_GETLINK, dump: true, operation: "list links") {
              $0.appendLinkHeader()
            } decoding: { _ throws(DecodingFailure) -> Link? in
              throw DecodingFailure("no such thing")
            }
          } catch {
            refusal = error
          }
          #expect(refusal?.errno == .badMessage)
          #expect(refusal?.kernelMessage == "no such thing")
          let links = try socket.links()
          #expect(links.map(\.name) == ["lo"] + names)
        }
      }
    }
  }

  @Test("a dump while links come and go is of one moment: the links that stay are in it once, in order")
  func churn() async throws {
    try await withNamespace { namespace in
      let names = (0..<70).map { "br\($0)" }
      try await namespace.apply { batch in
        for name in names { batch.create(try NewLink(InterfaceName(parsing: name), .bridge(BridgeAttributes()))) }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await namespace.route { socket in
            for number in 0..<30 {
              var batch = RouteBatch()
              batch.create(try NewLink(InterfaceName(parsing: "x\(number)"), .bridge(BridgeAttributes())))
              var change = LinkChange(.name("x\(number)"))
              change.group = 9
              batch.set(change)
              if number % 10 == 9 { batch.deleteLinks(group: 9) }
              try socket.apply(batch)
            }
          }
        }
        group.addTask {
          for _ in 0..<20 {
            let links = try await namespace.route { try $0.links() }
            #expect(links.map(\.name).filter { $0.hasPrefix("br") } == names)
            #expect(Set(links.map(\.index)).count == links.count)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("a socket goes on answering for the namespace in which it was made")
  func namespace() async throws {
    try await withNamespaces { first, second in
      try await first.command("ip", "link", "add", "here", "type", "bridge")
      let path = second.path
      let found = try await first.route { socket in
        try NetworkNamespace(path: path).enter()
        return try socket.link(named: "here") != nil
      }
      #expect(found)
    }
  }
}
