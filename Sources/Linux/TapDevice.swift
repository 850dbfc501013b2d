import CLinux
public import NetTypes

/// A TAP device, held open by an fd: tun(4). Unless it is persistent, the device is deleted when this value is destroyed.
/// So a failure while it is being set up leaves nothing behind.
public struct TapDevice: ~Copyable {
  /// The interface name.
  public let name: InterfaceName
  /// The fd of /dev/net/tun that is attached to the device.
  public let descriptor: OwnedFileDescriptor

  /// Creates the TAP `name`, or attaches to it: TUNSETIFF with IFF_TAP and IFF_NO_PI.
  ///
  /// It is not multi-queue: a VMM that opens a single queue cannot attach to a multi-queue device.
  ///
  /// - Parameters:
  ///   - name: The interface name.
  ///   - exclusive: Sets IFF_TUN_EXCL: an existing link of this name is EBUSY.
  ///   - carrier: Whether the link has a carrier as soon as it is up. Without one (IFF_NO_CARRIER, Linux 6.1; earlier
  ///     kernels ignore it), the kernel does not start the queues, the bridge port and IPv6 for a device whose fd is about
  ///     to be closed. The next process that attaches turns the carrier on.
  /// - Throws: `KernelError`: EBUSY if the link exists (with `exclusive`) or another fd is attached; EPERM without
  ///   CAP_NET_ADMIN.
  public init(name: InterfaceName, exclusive: Bool = true, carrier: Bool = true) throws(KernelError) {
    try self.init(name: name, flags: (exclusive ? IFF_TUN_EXCL : 0) | (carrier ? 0 : IFF_NO_CARRIER))
  }

  /// Attaches to an existing TAP without a carrier and without its socket filter (IFF_NOFILTER). Otherwise the kernel would
  /// read the filter again from the memory address that its setter used, and fail.
  ///
  /// If there is no such link, this creates one, which is deleted with this value.
  /// - Throws: `KernelError`: EBUSY if another fd is attached.
  public init(idle name: InterfaceName) throws(KernelError) {
    try self.init(name: name, flags: IFF_NO_CARRIER | IFF_NOFILTER)
  }

  private init(name: InterfaceName, flags: Int32) throws(KernelError) {
    let flags = UInt16(IFF_TAP | IFF_NO_PI | flags)
    let result = unsafe name.rawValue.withCString { unsafe clinux_tap_open($0, flags) }
    let descriptor = try valueOrError(result, "create TAP \(name) (/dev/net/tun, TUNSETIFF)")
    self.name = name
    self.descriptor = OwnedFileDescriptor(owning: descriptor)
  }

  /// TUNSETOWNER: sets the user who may attach without CAP_NET_ADMIN.
  /// - Throws: `KernelError` of ioctl(2).
  public func setOwner(uid: UInt32) throws(KernelError) {
    _ = try valueOrError(clinux_tap_set_owner(descriptor.rawValue, uid), "set owner of TAP \(name) (TUNSETOWNER)")
  }

  /// TUNSETGROUP: sets the group whose members may attach without CAP_NET_ADMIN.
  /// - Throws: `KernelError` of ioctl(2).
  public func setGroup(gid: UInt32) throws(KernelError) {
    _ = try valueOrError(clinux_tap_set_group(descriptor.rawValue, gid), "set group of TAP \(name) (TUNSETGROUP)")
  }

  /// Resets to the state of a new TAP everything that an unprivileged holder can leave behind, except the MAC address, the
  /// owner and persistence: socket filters and BPF programs, the multicast filter (TUNSETTXFILTER), offloads, the size and
  /// byte order of the virtio-net header, and the send buffer.
  /// - Throws: `KernelError` of ioctl(2).
  public func reset() throws(KernelError) {
    _ = try valueOrError(clinux_tap_reset(descriptor.rawValue), "reset TAP \(name)")
  }

  /// TUNSETPERSIST: sets whether the device outlives its fds.
  /// - Throws: `KernelError` of ioctl(2).
  public func setPersistent(_ persistent: Bool) throws(KernelError) {
    let result = clinux_tap_set_persistent(descriptor.rawValue, persistent ? 1 : 0)
    _ = try valueOrError(result, "make TAP \(name) persistent (TUNSETPERSIST)")
  }
}
