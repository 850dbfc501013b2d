import CLinux
import Glibc
import Linux
import NetTypes
import Netlink
import RouteNetlink
import Tapestry

/// The minimum time that the kernel takes for an attachment: the same TAP with the same settings, by raw system calls
/// with messages that the library's driver encoded beforehand. No lease, no ruleset, no plan.
final class Floor {
  /// The link group (IFLA_GROUP) of TAPs that are deleted at once. No other link in this namespace has it.
  private static let group: UInt32 = 0x666c_6f6f

  private let network: Network
  private let links: LinkDriver
  /// The index of the network's bridge; nil for routed TAPs.
  private let bridge: Int32?
  private let socket: OwnedFileDescriptor
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(_ network: Network) throws {
    self.network = network
    links = try LinkDriver()
    bridge = try links.bridgeIndex(network)
    socket = OwnedFileDescriptor(
      owning: try valueOrError(clinux_netlink_open(NETLINK_ROUTE, 4 << 20), "open a netlink socket"))
    // By making one TAP, the driver learns what this kernel lacks.
    let first = Desired.Guest(network: network, lease: try lease(0))
    do throws(StepFailure) { try links.createTap(first) } catch { throw error.error }
    var tap = try tap(0)
    tap.index = try index(of: tap.name)
    try delete(tap)
  }

  /// Encodes the messages for a TAP with the network's address of this number.
  func tap(_ number: Int) throws -> EncodedTap { try EncodedTap(lease(number), in: network, bridge: bridge, by: links) }

  /// A lease that is in no store.
  private func lease(_ number: Int) throws -> Lease {
    let key = AttachmentKey(vm: try Validation.vmID("floor-\(number)"), interface: .eth0)
    return Lease(
      key: key, network: network.name,
      address: IPv4Address(rawValue: network.subnet.firstGuest.rawValue + UInt32(number)),
      mac: Identity.mac(for: key, salt: 1), tapName: InterfaceName(known: "floor\(number)"))
  }

  /// Moves TAPs into the group that `deleteAll` deletes. Not measured.
  func gather(_ taps: [EncodedTap]) throws {
    var batch = RouteBatch()
    for tap in taps {
      var change = LinkChange(.index(tap.index, named: tap.name.rawValue))
      change.group = Self.group
      batch.set(change)
    }
    var socket = try RouteSocket()
    try socket.apply(batch)
  }

  // MARK: Measured

  func make(_ tap: inout EncodedTap) throws {
    do throws(KernelError) {
      let device = try TapDevice(name: tap.name, carrier: false)
      try device.setOwner(tap.owner)
      tap.index = try index(of: tap.name)
      try exchange(tap.bytes)
      try device.setPersistent(true)
    } catch {
      throw TapestryError(.kernelRefused, "The benchmark could not create a TAP: \(error)")
    }
  }

  private func index(of name: InterfaceName) throws(KernelError) -> Int32 {
    let index = unsafe name.rawValue.withCString { unsafe clinux_link_index(socket.rawValue, $0) }
    return try valueOrError(index, "find TAP \(name)")
  }

  func delete(_ tap: EncodedTap) throws { try delete(index: tap.index) }

  /// Deletes the TAPs that `gather` gathered, at once.
  func deleteAll() throws { try delete(index: 0) { $0.attribute(IFLA_GROUP, Self.group) } }

  // MARK: Messages

  /// Sends RTM_DELLINK with a `struct ifinfomsg` and attributes.
  private func delete(index: Int32, _ attributes: (inout MessageBuffer) -> Void = { _ in }) throws {
    var messages = MessageBuffer()
    messages.message(UInt16(RTM_DELLINK), [.request, .acknowledge], operation: "delete links") { message in
      message.append(UInt32(0))
      message.append(index)
      message.append(UInt64(0))
      attributes(&message)
    }
    try exchange(messages.bytes)
  }

  /// Sends messages, the last of which requests an ack, and waits for the ack.
  private func exchange(_ bytes: [UInt8]) throws(KernelError) {
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe clinux_netlink_send(socket.rawValue, $0.baseAddress, $0.count)
    }
    _ = try valueOrError(sent, "sendmsg")
    var flags: Int32 = 0
    var sender: UInt32 = 0
    let received = unsafe buffer.withUnsafeMutableBytes {
      unsafe clinux_netlink_receive(socket.rawValue, $0.baseAddress, $0.count, &flags, &sender)
    }
    // `struct nlmsgerr` follows the 16 bytes of `struct nlmsghdr`. The kernel reports each failed message too; none may
    // fail.
    let length = try valueOrError(received, "recvmsg")
    let error = buffer[16..<20].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard length >= 36, error == 0 else {
      throw KernelError("set a TAP up", Errno(rawValue: -Int32(bitPattern: error)))
    }
  }
}
