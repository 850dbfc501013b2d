import Linux
import Testing

@Suite("An error number")
struct ErrnoTests {
  @Test("is told by its symbol and its words")
  func description() {
    #expect("\(Errno.noSuchDevice)" == "ENODEV: No such device")
    #expect("\(Errno.exchangeFull)" == "EXFULL: Exchange full")
    #expect("\(Errno.notSupported)" == "EOPNOTSUPP: Operation not supported")
    #expect("\(Errno.restart)".hasPrefix("ERESTART: "))
  }

  @Test("that has no symbol is told by its number")
  func unknown() {
    #expect("\(Errno(rawValue: 9999))" == "errno 9999")
  }

  @Test("of a system call stands after what was tried")
  func systemError() {
    let error = KernelError("open /dev/net/tun", .permissionDenied)
    #expect("\(error)" == "open /dev/net/tun: EACCES: Permission denied")
    #expect(error == KernelError("open /dev/net/tun", Errno(rawValue: 13)))
  }

  @Test("is what a negative result means, and only that")
  func valueOrErrno() throws {
    #expect(try valueOrError(Int32(0), "nothing") == 0)
    #expect(try valueOrError(Int64(1) << 40, "nothing") == 1 << 40)
    let error = #expect(throws: KernelError.self) { try valueOrError(Int32(-16), "try") }
    #expect(error == KernelError("try", .busy))
  }
}
