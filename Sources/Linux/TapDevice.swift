import CLinux
public import NetTypes

/// A TAP device held open: tun(4). Until it is made persistent it vanishes when this value does, so whatever happens
/// on the way of making one, nothing is left.
public struct TapDevice: ~Copyable {
  public let name: InterfaceName
  public let descriptor: OwnedFileDescriptor

  /// Makes the TAP `name`, or attaches to it: TUNSETIFF with IFF_TAP and IFF_NO_PI, and IFF_TUN_EXCL where
  /// `exclusive`, so that an existing link of that name is EBUSY.
  ///
  /// Not multi-queue: a VMM that opens one queue cannot attach to a multi-queue device.
  ///
  /// - Parameter carrier: whether the link has a carrier as soon as it is up. Without one (IFF_NO_CARRIER, Linux 6.1;
  ///   earlier kernels ignore it) the kernel does not start the queues, the bridge's port and IPv6 for a device that is
  ///   about to be closed; the carrier comes with whoever attaches next.
  public init(
    name: InterfaceName, exclusive: Bool = true, vnetHeader: Bool = false, carrier: Bool = true
  ) throws(SystemError) {
    let flags = Self.flags(exclusive: exclusive, vnetHeader: vnetHeader, carrier: carrier)
    try self.init(name: name, flags: flags)
  }

  private static func flags(exclusive: Bool, vnetHeader: Bool, carrier: Bool) -> UInt16 {
    var flags = UInt16(IFF_TAP) | UInt16(IFF_NO_PI)
    if exclusive { flags |= UInt16(IFF_TUN_EXCL) }
    if vnetHeader { flags |= UInt16(IFF_VNET_HDR) }
    if !carrier { flags |= UInt16(IFF_NO_CARRIER) }
    return flags
  }

  /// Attaches to a TAP that is there, without a carrier and without its socket filter (IFF_NOFILTER): the kernel would read
  /// that anew from where it was in the memory of whoever set it, and fail.
  /// - Throws: `SystemError`: EBUSY while another holds it. Where there is no such link, one is made, and vanishes again.
  public init(idle name: InterfaceName) throws(SystemError) {
    let flags = Self.flags(exclusive: false, vnetHeader: false, carrier: false)
    try self.init(name: name, flags: flags | UInt16(IFF_NOFILTER))
  }

  private init(name: InterfaceName, flags: UInt16) throws(SystemError) {
    let result = unsafe name.rawValue.withCString { unsafe clinux_tap_open($0, flags) }
    let descriptor = try valueOrError(result, "create TAP \(name) (/dev/net/tun, TUNSETIFF)")
    self.name = name
    self.descriptor = OwnedFileDescriptor(owning: descriptor)
  }

  /// TUNSETOWNER: the user who may attach without CAP_NET_ADMIN.
  public func setOwner(uid: UInt32) throws(SystemError) {
    _ = try valueOrError(clinux_tap_set_owner(descriptor.rawValue, uid), "set owner of TAP \(name) (TUNSETOWNER)")
  }

  /// TUNSETGROUP: the group whose members may attach without CAP_NET_ADMIN.
  public func setGroup(gid: UInt32) throws(SystemError) {
    _ = try valueOrError(clinux_tap_set_group(descriptor.rawValue, gid), "set group of TAP \(name) (TUNSETGROUP)")
  }

  /// Sets all to what a new TAP has that a holder can leave to the next without privilege, but for the MAC, the owner and
  /// whether it is persistent: socket filters and programs, what it takes of multicast (TUNSETTXFILTER), offloads, the
  /// virtio-net header's size and byte order, and the room for what is being sent.
  public func reset() throws(SystemError) {
    _ = try valueOrError(clinux_tap_reset(descriptor.rawValue), "reset TAP \(name)")
  }

  /// TUNSETPERSIST: whether the device outlives its descriptors.
  public func setPersistent(_ persistent: Bool) throws(SystemError) {
    let result = clinux_tap_set_persistent(descriptor.rawValue, persistent ? 1 : 0)
    _ = try valueOrError(result, "make TAP \(name) persistent (TUNSETPERSIST)")
  }
}
