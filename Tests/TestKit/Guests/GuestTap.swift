import CLinux
import Glibc
import Linux
import NetTypes

/// The end of a TAP that a VMM holds.
enum GuestTap {
  /// Attaches to the TAP `name` of the calling thread's namespace, as a VMM does: TUNSETIFF, one queue.
  /// - Throws: `KernelError` of ENODEV when there is no such link, where TUNSETIFF would make one; EBUSY when another
  ///   holds it.
  static func attach(_ name: String, vnetHeader: Bool) throws(KernelError) -> SharedDescriptor {
    guard unsafe if_nametoindex(name) != 0 else { throw KernelError("attach to TAP \(name)", .noSuchDevice) }
    return try open(name, vnetHeader: vnetHeader)
  }

  /// Makes the TAP `name`, or attaches to it.
  static func open(_ name: String, vnetHeader: Bool) throws(KernelError) -> SharedDescriptor {
    let flags = IFF_TAP | IFF_NO_PI | (vnetHeader ? IFF_VNET_HDR : 0)
    let descriptor = unsafe name.withCString { unsafe clinux_tap_open($0, UInt16(flags)) }
    let operation = "attach to TAP \(name) (/dev/net/tun, TUNSETIFF)"
    return SharedDescriptor(owning: OwnedFileDescriptor(owning: try valueOrError(descriptor, operation)))
  }

  /// Whether the device has gone from under its descriptor.
  static func isGone(_ error: KernelError) -> Bool { error.errno == Errno(rawValue: EBADFD) }
}
