import Glibc
import Linux
import TestKit
import Testing

@Suite("A file")
struct FileTests {
  @Test("of /proc is read whole, and a line without its end")
  func read() throws {
    let whole = try File.read("/proc/self/mountinfo")
    #expect(whole.last == UInt8(ascii: "\n"))
    #expect(try File.readLine("/proc/sys/kernel/ostype") == "Linux")
    #expect(try File.read("/proc/self/mountinfo", limit: 10).count == 10)
    #expect(try File.read("/dev/zero", limit: 10_000).count == 10_000)
  }

  @Test("that is not there is ENOENT, and says which")
  func missing() {
    let error = #expect(throws: KernelError.self) { try File.read("/proc/no-such-file") }
    #expect(error == KernelError("open /proc/no-such-file", .noSuchFile))
  }

  @Test("that refuses what is written says so")
  func refusedWrite() {
    #expect(throws: KernelError("write /dev/full", .noSpace)) { try File.write("x", to: "/dev/full") }
  }

  @Test("tells the id of this boot, always the same UUID")
  func bootID() throws {
    let id = try Kernel.bootID()
    #expect(id.count == 36)
    #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    #expect(try Kernel.bootID() == id)
  }
}

@Suite("An owned descriptor")
struct OwnedFileDescriptorTests {
  @Test("is closed when its owner lets go")
  func closesAtEnd() throws {
    let number = try descriptor(from: 700)
    do {
      let owned = OwnedFileDescriptor(owning: number)
      #expect(isOpen(owned.rawValue))
    }
    #expect(!isOpen(number))
  }

  @Test("that was closed is not closed again, though its number is in use anew")
  func closesOnce() throws {
    let number = try descriptor(from: 730)
    do {
      let owned = OwnedFileDescriptor(owning: number)
      try owned.close()
      #expect(!isOpen(number))
      #expect(dup2(STDIN_FILENO, number) == number)
    }
    #expect(isOpen(number))
    #expect(close(number) == 0)
  }

  @Test("that was given away stays open")
  func release() throws {
    let number = try descriptor(from: 760)
    do {
      let owned = OwnedFileDescriptor(owning: number)
      #expect(owned.release() == number)
    }
    #expect(isOpen(number))
    #expect(close(number) == 0)
  }

  @Test("tells what close(2) says")
  func closeError() {
    #expect(throws: KernelError("close", .badFileDescriptor)) { try OwnedFileDescriptor(owning: 1_000_000).close() }
  }

  @Test("is not handed on to other programs")
  func closesOnExec() throws {
    let file = try File.open("/dev/null")
    #expect(fcntl(file.rawValue, F_GETFD) == FD_CLOEXEC)
  }

  /// An open descriptor of a number that no other test that runs now gets.
  private func descriptor(from lowest: Int32) throws -> Int32 {
    try valueOrError(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, lowest), "fcntl F_DUPFD_CLOEXEC")
  }

  private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) != -1 }
}

@Suite("Waiting on a descriptor")
struct PollTests {
  @Test("ends when there is something to read, when the other end is gone, or when the time is over")
  func isReadable() throws {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    let start = ContinuousClock.now
    #expect(try Poll.isReadable(input, within: .milliseconds(30)) == false)
    #expect(ContinuousClock.now - start >= .milliseconds(30))
    #expect(try Poll.isReadable(input, within: .zero) == false)
    #expect(try Poll.isReadable(input, within: .seconds(-1)) == false)

    #expect(unsafe write(output, "x", 1) == 1)
    #expect(try Poll.isReadable(input, within: .seconds(1_000_000_000_000)))
    var byte: UInt8 = 0
    #expect(unsafe read(input, &byte, 1) == 1)
    close(output)
    #expect(try Poll.isReadable(input, within: .patience))
  }

  @Test("tells which of several are ready")
  func several() throws {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    defer { ends.forEach { close($0) } }
    var entries = [
      pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0), pollfd(fd: ends[1], events: Int16(POLLOUT), revents: 0),
    ]
    #expect(try Poll.wait(&entries, within: .patience) == 1)
    #expect(entries.map(\.revents) == [0, Int16(POLLOUT)])
  }
}
