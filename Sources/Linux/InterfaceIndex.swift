import Glibc
public import NetTypes

/// The kernel's number for a link of the calling thread's network namespace.
public enum InterfaceIndex {
  /// nil when there is no such link: if_nametoindex(3).
  /// - Throws: `SystemError` when the kernel could not be asked: ENOMEM, EMFILE.
  public static func named(_ name: InterfaceName) throws(SystemError) -> Int32? {
    let index = unsafe name.rawValue.withCString { unsafe if_nametoindex($0) }
    guard index == 0 else { return Int32(bitPattern: index) }
    let number = Errno.current
    guard number == .noSuchDevice else { throw SystemError("find link \(name)", number) }
    return nil
  }
}
