import Glibc
public import NetTypes

/// The kernel's number for a link of the calling thread's network namespace.
public enum InterfaceIndex {
  /// nil when there is no such link: if_nametoindex(3).
  public static func named(_ name: InterfaceName) -> Int32? {
    let index = unsafe name.rawValue.withCString { unsafe if_nametoindex($0) }
    return index == 0 ? nil : Int32(bitPattern: index)
  }
}
