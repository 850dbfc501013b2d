package import Linux
import NetTypes
package import RouteNetlink

extension LinkDriver {
  /// Makes the guest's TAP. It becomes persistent only when it is complete, so that a failure or a kill before that leaves
  /// nothing.
  package func createTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    // Checked before the TAP is made: without the bridge, nothing is made at all.
    let bridge = try onLink(guest) { () throws(KernelError) in try bridgeIndex(guest.network) }
    let tap = try onTap(guest) { () throws(KernelError) in try TapDevice(name: name, carrier: false) }
    try onTap(guest) { () throws(KernelError) in try tap.setOwner(guest.lease.tapOwner) }
    try onLink(guest) { () throws(KernelError) in
      let index = try linkIndex(name)
      try enableIPv6(of: guest)
      try configure(guest, index: index, bridge: bridge)
    }
    try onTap(guest) { () throws(KernelError) in try tap.setPersistent(true) }
  }

  /// Repairs an existing TAP of ours, even while its VMM has it open.
  func setTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    let index = try onLink(guest) { () throws(KernelError) in
      let bridge = try bridgeIndex(guest.network)
      guard let link = try route.link(named: name.rawValue) else {
        throw KernelError("find TAP \(name)", .noSuchDevice)
      }
      if link.master != bridge { try takeOut(link, isRouted: bridge == nil) }
      try removeForeignIngress(of: link)
      try enableIPv6(of: guest)
      try configure(guest, index: link.index, bridge: bridge)
      if guest.lease.settings.rateLimit.receive == nil {
        try apply { $0.deleteTokenBucket(linkIndex: link.index, linkName: link.name) }
      }
      return link.index
    }
    try renewTap(guest, index: index)
  }

  /// Resets an existing TAP of ours to what it was made with, through a descriptor: its last holder could have changed
  /// that. A TAP that is open is left as it is, because nobody else can have it open then.
  func renew(_ guest: Desired.Guest) throws(TapestryError) {
    do throws(StepFailure) {
      let link = try onLink(guest) { () throws(KernelError) in try self.link(guest.lease.tapName, marked: guest.mark) }
      if let link { try renewTap(guest, index: link.index) }
    } catch {
      throw error.error
    }
  }

  private func renewTap(_ guest: Desired.Guest, index expected: Int32) throws(StepFailure) {
    let name = guest.lease.tapName
    guard let tap = try onTap(guest, { () throws(KernelError) in try idleTap(name) }) else { return }
    // Its holder may have deleted it meanwhile. Then this is a new TAP, which vanishes when the descriptor is closed.
    guard try onLink(guest, { () throws(KernelError) in try linkIndex(name) }) == expected else {
      throw tapFailure(KernelError("renew TAP \(name)", .badDescriptorState), guest)
    }
    try onTap(guest) { () throws(KernelError) in
      try tap.setOwner(guest.lease.tapOwner)
      try tap.reset()
      try tap.setPersistent(true)
    }
  }

  /// Returns nil if a process has it open.
  private func idleTap(_ name: InterfaceName) throws(KernelError) -> TapDevice? {
    do throws(KernelError) { return try TapDevice(idle: name) } catch {
      guard error.errno == .busy else { throw error }
      return nil
    }
  }

  /// The index of the bridge whose ports a network's TAPs are; nil for routed TAPs. The bridge's MAC tells it from another
  /// program's link that took its name.
  /// - Throws: `KernelError`: ENODEV if it is missing.
  package func bridgeIndex(_ network: Network) throws(KernelError) -> Int32? {
    guard network.mode == .bridge else { return nil }
    let index = try linkIndex(network.bridge)
    guard try route.macAddress(ofLinkNamed: network.bridge) == network.bridgeMAC else {
      throw KernelError("find bridge \(network.bridge) of network \(network.name)", .noSuchDevice)
    }
    return index
  }

  /// The kernel accepts a port's settings only when the link is a port. Frames that a VMM sends in between must not pass.
  private func takeOut(_ link: Link, isRouted: Bool) throws(KernelError) {
    var change = LinkChange(link.reference)
    change.isUp = false
    try apply { batch in
      batch.set(change)
      guard isRouted else { return }
      change.master = 0
      batch.set(change)
    }
  }

  /// Configures the TAP completely, in one sendmsg(2).
  private func configure(_ guest: Desired.Guest, index: Int32, bridge: Int32?) throws(KernelError) {
    let batch = configuration(guest, index: index, bridge: bridge)
    // A second name that is taken is left out.
    let failures = try route.send(batch).filter { !($0.errno == .fileExists && $0.index == batch.count - 1) }
    guard let failure = failures.first else { return }
    if hasIngressFilters, failure.index == 0, [.noSuchFile, .notSupported].contains(failure.errno) {
      hasIngressFilters = false
    } else {
      guard failure.errno == .addressFamilyNotSupported, hasIPv6 else { throw failure }
      hasIPv6 = false
    }
    try configure(guest, index: index, bridge: bridge)
  }

  /// The messages that configure a TAP completely.
  /// - Parameter bridge: The bridge's index; nil for a routed TAP.
  package func configuration(_ guest: Desired.Guest, index: Int32, bridge: Int32?) -> RouteBatch {
    let name = guest.lease.tapName.rawValue
    var batch = RouteBatch()
    if hasIngressFilters { batch.add(IngressBlock(ChecksumFilter.block, linkIndex: index), linkName: name) }
    if let bridge {
      batch.set(portSettings(guest, index: index, bridge: bridge))
      batch.replace(ForwardingEntry(guest.lease.mac, port: index, kind: guest.bridgeEntry.kind), linkName: name)
      if guest.lease.settings.isReachedFromLoopback {
        batch.set(.switching(.routesLoopback, of: .index(bridge, named: guest.network.bridge.rawValue), true))
      }
    } else {
      // The kernel brings a link up before it applies the IPv4 and IPv6 settings of the same message.
      batch.set(routedSettings(guest, index: index))
      batch.set(.up(.index(index, named: name)))
      batch.replace(route(to: guest, index: index), linkName: name)
      batch.replace(.permanent(.v4(guest.neighborAddress), guest.mac, linkIndex: index), linkName: name)
    }
    addIPv6(of: guest, tap: index, bridge: bridge, to: &batch)
    if let qdisc = RootQdisc(guest, index: index) { batch.replace(qdisc, linkName: name) }
    if let alternative = guest.alternativeName { batch.addAlternativeName(alternative, to: .index(index, named: name)) }
    return batch
  }

  private func settings(_ guest: Desired.Guest, index: Int32) -> LinkChange {
    var change = LinkChange(.index(index, named: guest.lease.tapName.rawValue))
    change.alias = guest.mark.alias
    change.mtu = UInt32(guest.network.mtu)
    change.group = RulesetTables.number(of: GuestGroup(guest))
    change.macAddress = guest.hostMAC
    change.addressGenerationMode = addressGenerationMode(mtu: guest.network.mtu)
    return change
  }

  private func portSettings(_ guest: Desired.Guest, index: Int32, bridge: Int32) -> LinkChange {
    var change = settings(guest, index: index)
    // If somebody takes the TAP off its bridge, it answers no ARP and learns from none.
    change.ipv4 = [.arpIgnore: 8]
    change.master = bridge
    // The guest's only MAC is a forwarding entry from the start. The bridge learns nothing from the guest, not even from a
    // forged link-local frame, and never floods frames for another guest to this port.
    var port = BridgePortAttributes()
    port.learning = false
    port.unicastFlood = false
    port.groupForwardMask = RulesetTables.guardedGroups
    port.isIsolated = !guest.network.settings.allowsInterVM
    change.bridgePort = port
    change.isUp = true
    return change
  }

  /// The kernel answers ARP for the gateway, whose address is on another link, and for other guests: the arp table drops
  /// requests for those that the guest may not reach. It accepts nothing from an address that is not routed to this TAP.
  private func routedSettings(_ guest: Desired.Guest, index: Int32) -> LinkChange {
    var change = settings(guest, index: index)
    change.ipv4 = [
      .forwarding: 1, .arpIgnore: 0, .arpFilter: 1, .rpFilter: 1, .proxyARP: 1,
      .routeLocalnet: guest.lease.settings.isReachedFromLoopback ? 1 : 0,
    ]
    return change
  }

  private func route(to guest: Desired.Guest, index: Int32) -> Route {
    var route = Route(.v4(IPv4Prefix(host: guest.lease.address)), outputLink: index)
    route.preferredSource = .v4(guest.network.subnet.gateway)
    return route
  }

  // MARK: Failures

  /// Calls /dev/net/tun.
  private func onTap<Value: ~Copyable>(
    _ guest: Desired.Guest, _ body: () throws(KernelError) -> Value
  ) throws(StepFailure) -> Value {
    do throws(KernelError) { return try body() } catch { throw tapFailure(error, guest) }
  }

  /// Calls rtnetlink.
  private func onLink<Value>(
    _ guest: Desired.Guest, _ body: () throws(KernelError) -> Value
  ) throws(StepFailure) -> Value {
    do throws(KernelError) { return try body() } catch { throw linkFailure(error, guest) }
  }

  private func tapFailure(_ error: KernelError, _ guest: Desired.Guest) -> StepFailure {
    let summary = "Failed to create TAP device \(guest.lease.tapName)"
    if [.noSuchFile, .noSuchDevice, .noSuchDeviceOrAddress].contains(error.errno) {
      return StepFailure(
        TapestryError(
          .kernelUnsupported, "\(summary): \(error). The kernel's TUN/TAP driver is missing: run 'modprobe tun'.",
          cause: TapestryError(error).cause))
    }
    // A link of that name exists, or the TAP was deleted while it was being made.
    let isOutOfSync = [.busy, .badDescriptorState].contains(error.errno)
    return StepFailure(TapestryError(error, .tapCreateFailed, summary), isOutOfSync ? .outOfSync : .refused)
  }

  private func linkFailure(_ error: KernelError, _ guest: Desired.Guest) -> StepFailure {
    let summary = "Failed to create TAP device \(guest.lease.tapName)"
    if error.errno == .exchangeFull {
      return StepFailure(
        TapestryError(
          .bridgeFull,
          saying: """
            \(summary): bridge \(guest.network.bridge) of network \(guest.network.name) has no free port: a bridge has at \
            most 1,023 ports. Create another network with '\(.createNetwork())' and attach there.
            """,
          cause: TapestryError(error).cause))
    }
    if error.errno == .noSuchFile, guest.lease.settings.rateLimit.receive != nil {
      return StepFailure(
        TapestryError(
          .kernelUnsupported,
          saying: """
            \(summary): \(error). Limiting what a guest receives needs the kernel's token bucket filter \
            (CONFIG_NET_SCH_TBF): run 'modprobe sch_tbf', or omit 'rx' from \(.set(.rateLimit)).
            """,
          cause: TapestryError(error).cause))
    }
    return StepFailure(
      TapestryError(error, .tapCreateFailed, summary), error.errno == .noSuchDevice ? .outOfSync : .refused)
  }
}

extension TapDevice {
  /// - Parameter owner: If it has no group, the TAP keeps the group that it has: the kernel cannot remove one.
  package func setOwner(_ owner: TapOwner) throws(KernelError) {
    try setOwner(uid: owner.uid)
    if let gid = owner.gid { try setGroup(gid: gid) }
  }
}

extension BridgeEntry {
  fileprivate var kind: ForwardingEntry.Kind { self == .local ? .local : .forwarded }

  init(_ kind: ForwardingEntry.Kind) { self = kind == .local ? .local : .forwarded }
}

extension TapOwner {
  /// The user and group that may open a TAP, from the kernel. Returns nil if every user may open it.
  init?(_ link: Link?) {
    guard let uid = link?.tun?.owner else { return nil }
    self.init(uid: uid, gid: link?.tun?.group)
  }
}
