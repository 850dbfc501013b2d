import Linux
import NetTypes
import Netlink
import RouteNetlink

extension LinuxHost {
  /// Makes the guest's TAP: it becomes persistent only when all is set, so that whatever fails or dies on the way
  /// leaves nothing.
  func createTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    do throws(TapFailure) {
      let bridge = try index(of: guest.network.bridge)
      let tap = try openTap(name, exclusive: true)
      let index = try index(of: name)
      do throws(SystemError) {
        if let owner = guest.lease.owner {
          try tap.setOwner(uid: owner.uid)
          if let gid = owner.gid { try tap.setGroup(gid: gid) }
        }
      } catch { throw .system(error) }
      try configure(guest, index: index, bridge: bridge)
      do throws(SystemError) { try tap.setPersistent(true) } catch { throw .system(error) }
    } catch {
      throw stepFailure(error, guest)
    }
  }

  /// Sets an existing TAP of ours to rights, whether its VMM has it open or not.
  func setTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    do throws(TapFailure) {
      let bridge = try index(of: guest.network.bridge)
      guard let link = try find(name) else {
        throw .netlink(NetlinkError(operation: "find TAP \(name)", errno: .noSuchDevice))
      }
      if link.master != bridge { try takeDown(link) }
      try configure(guest, index: link.index, bridge: bridge)
      try setOwner(guest, of: link)
    } catch {
      throw stepFailure(error, guest)
    }
  }

  private func find(_ name: InterfaceName) throws(TapFailure) -> Link? {
    do throws(NetlinkError) { return try route.link(named: name.rawValue) } catch { throw .netlink(error) }
  }

  /// The kernel takes a port's settings once it is a port. A VMM that sends all the while must not be heard in between.
  private func takeDown(_ link: Link) throws(TapFailure) {
    var change = LinkChange(link.reference)
    change.isUp = false
    var batch = RouteBatch()
    batch.set(change)
    do throws(NetlinkError) { try route.apply(batch) } catch { throw .netlink(error) }
  }

  /// The owner can only be set through the TAP itself, which the kernel lends to one at a time.
  private func setOwner(_ guest: Desired.Guest, of link: Link) throws(TapFailure) {
    guard TapOwner(link) != guest.lease.owner else { return }
    let tap = try openTap(guest.lease.tapName, exclusive: false)
    do throws(SystemError) {
      // -1 is nobody: only root may open it.
      try tap.setOwner(uid: guest.lease.owner?.uid ?? .max)
      try tap.setGroup(gid: guest.lease.owner?.gid ?? .max)
    } catch { throw .system(error) }
  }

  private func index(of name: InterfaceName) throws(TapFailure) -> Int32 {
    do throws(NetlinkError) { return try linkIndex(name) } catch { throw .netlink(error) }
  }

  private func openTap(_ name: InterfaceName, exclusive: Bool) throws(TapFailure) -> TapDevice {
    do throws(SystemError) { return try TapDevice(name: name, exclusive: exclusive) } catch { throw .system(error) }
  }

  /// Everything that a TAP is set to, in one sendmsg(2).
  private func configure(_ guest: Desired.Guest, index: Int32, bridge: Int32) throws(TapFailure) {
    let name = guest.lease.tapName.rawValue
    var batch = RouteBatch()
    batch.set(settings(guest, index: index, bridge: bridge))
    batch.replace(ForwardingEntry(guest.lease.mac, port: index), linkName: name)
    if let alternative = guest.alternativeName { batch.addAlternativeName(alternative, to: .index(index, named: name)) }
    do throws(NetlinkError) {
      // A second name that is taken is done without.
      let failures = try route.send(batch).filter { !($0.errno == .fileExists && $0.index == batch.count - 1) }
      guard let failure = failures.first else { return }
      guard failure.errno == .addressFamilyNotSupported, hasIPv6 else { throw failure }
    } catch {
      throw .netlink(error)
    }
    hasIPv6 = false
    try configure(guest, index: index, bridge: bridge)
  }

  private func settings(_ guest: Desired.Guest, index: Int32, bridge: Int32) -> LinkChange {
    var change = LinkChange(.index(index, named: guest.lease.tapName.rawValue))
    change.alias = guest.mark.alias
    change.mtu = UInt32(guest.network.mtu)
    change.group = RulesetTables.tapGroup
    change.macAddress = guest.hostMAC
    change.addressGenerationMode = addressGenerationMode(mtu: guest.network.mtu)
    // Off its bridge, whoever took it off, the TAP answers no ARP and learns from none.
    change.ipv4 = [.arpIgnore: 8]
    change.master = bridge
    // The bridge knows the guest's one MAC beforehand: it learns nothing from the guest, not from a forged link-local
    // frame either, and no frame for another guest is ever flooded here.
    var port = BridgePortAttributes()
    port.learning = false
    port.unicastFlood = false
    port.groupForwardMask = RulesetTables.guardedGroups
    port.isIsolated = !guest.network.allowsInterVM
    change.bridgePort = port
    change.isUp = true
    return change
  }

  // MARK: Failures

  private enum TapFailure: Error {
    case system(SystemError)
    case netlink(NetlinkError)
  }

  private func stepFailure(_ failure: TapFailure, _ guest: Desired.Guest) -> StepFailure {
    let name = guest.lease.tapName
    let summary = "Failed to create TAP device \(name)"
    switch failure {
    case .system(let error):
      if [.noSuchFile, .noSuchDevice, .noSuchDeviceOrAddress].contains(error.errno) {
        return StepFailure(
          TapestryError(
            .kernelUnsupported, "\(summary): \(error). The kernel's TUN/TAP driver is missing: run 'modprobe tun'.",
            cause: TapestryError(error).cause))
      }
      // There is a link of that name; or the TAP was deleted while it was being made.
      let isUnexpected = [.busy, .badDescriptorState].contains(error.errno)
      return StepFailure(TapestryError(error, .tapCreateFailed, summary), isUnexpected ? .unexpectedWorld : .refused)
    case .netlink(let error):
      if error.errno == .exchangeFull {
        return StepFailure(
          TapestryError(
            .bridgeFull,
            "\(summary): bridge \(guest.network.bridge) of network \(guest.network.name) has no port left: the kernel "
              + "gives a bridge 1,023. Create another network with 'tapestry network create' and attach there.",
            cause: TapestryError(error).cause))
      }
      return StepFailure(
        TapestryError(error, .tapCreateFailed, summary), error.errno == .noSuchDevice ? .unexpectedWorld : .refused)
    }
  }
}

extension TapOwner {
  /// Who may open a TAP, as the kernel says; nil for root alone.
  init?(_ link: Link?) {
    guard let uid = link?.tun?.owner else { return nil }
    self.init(uid: uid, gid: link?.tun?.group)
  }
}
