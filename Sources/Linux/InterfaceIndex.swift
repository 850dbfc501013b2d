import Glibc
public import NetTypes

/// The kernel's number for a link of the calling thread's network namespace.
public enum InterfaceIndex {
  /// if_nametoindex(3).
  /// - Throws: `SystemError`: ENODEV when there is no such link.
  public static func named(_ name: InterfaceName) throws(SystemError) -> Int32 {
    let index = unsafe name.rawValue.withCString { unsafe if_nametoindex($0) }
    guard index != 0 else { throw SystemError("find link \(name)", .current) }
    return Int32(bitPattern: index)
  }
}
