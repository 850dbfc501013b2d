package import Linux
import NetTypes
import Netlink
package import RouteNetlink

extension LinkDriver {
  /// Makes the guest's TAP. It becomes persistent only when it is complete, so that a failure or a kill before that leaves
  /// nothing.
  package func createTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    do throws(TapFailure) {
      // Checked before the TAP is made: without the bridge, nothing is made at all.
      let place = try onLink { () throws(KernelError) in try self.place(in: guest.network) }
      let tap = try onTap { () throws(KernelError) in try TapDevice(name: name, carrier: false) }
      try onTap { () throws(KernelError) in try tap.setOwner(guest.lease.tapOwner) }
      try onLink { () throws(KernelError) in
        let index = try linkIndex(name)
        try enableIPv6(of: guest, place)
        try configure(guest, index: index, place)
      }
      try onTap { () throws(KernelError) in try tap.setPersistent(true) }
    } catch {
      throw stepFailure(error, guest)
    }
  }

  /// Repairs an existing TAP of ours, even while its VMM has it open.
  func setTap(_ guest: Desired.Guest) throws(StepFailure) {
    let name = guest.lease.tapName
    do throws(TapFailure) {
      let index = try onLink { () throws(KernelError) in
        let place = try self.place(in: guest.network)
        guard let link = try route.link(named: name.rawValue) else {
          throw KernelError("find TAP \(name)", .noSuchDevice)
        }
        if link.master != place.bridge { try takeOut(link, place) }
        try removeForeignIngress(of: link)
        try enableIPv6(of: guest, place)
        try configure(guest, index: link.index, place)
        if guest.lease.settings.rateLimit.receive == nil { try removeRateLimit(of: link) }
        return link.index
      }
      try renewTap(guest, index: index)
    } catch {
      throw stepFailure(error, guest)
    }
  }

  /// Resets an existing TAP of ours to what it was made with, through a descriptor: its last holder could have changed
  /// that. A TAP that is open is left as it is, because nobody else can have it open then.
  func renew(_ guest: Desired.Guest) throws(TapestryError) {
    do throws(TapFailure) {
      let link = try onLink { () throws(KernelError) in try route.link(named: guest.lease.tapName.rawValue) }
      guard let link, link.alias == guest.mark.alias else { return }
      try renewTap(guest, index: link.index)
    } catch {
      throw stepFailure(error, guest).error
    }
  }

  func isInPlace(_ guest: Desired.Guest) throws(TapestryError) -> Bool {
    do throws(KernelError) {
      guard let link = try route.link(named: guest.lease.tapName.rawValue), link.alias == guest.mark.alias else {
        return false
      }
      let bridge = guest.network.mode == .bridge ? try findLink(guest.network.bridge) : nil
      return ObservedLink(link).isLinkOf(guest, on: bridge)
    } catch {
      throw TapestryError(error)
    }
  }

  func carrier(of tapName: InterfaceName, marked mark: OwnerMark) throws(TapestryError) -> TapCarrier? {
    do throws(KernelError) {
      guard let link = try route.link(named: tapName.rawValue), link.alias == mark.alias else { return nil }
      return TapCarrier(isOn: link.hasCarrier, arrivals: link.carrierArrivals)
    } catch {
      throw TapestryError(error)
    }
  }

  private func renewTap(_ guest: Desired.Guest, index expected: Int32) throws(TapFailure) {
    let name = guest.lease.tapName
    guard let tap = try onTap({ () throws(KernelError) in try idleTap(name) }) else { return }
    // Its holder may have deleted it meanwhile. Then this is a new TAP, which vanishes when the descriptor is closed.
    guard try onLink({ () throws(KernelError) in try linkIndex(name) }) == expected else {
      throw TapFailure(KernelError("renew TAP \(name)", .badDescriptorState), isOfTap: true)
    }
    try onTap { () throws(KernelError) in
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

  /// How the packets of a network's guests reach the host.
  package enum Place {
    case port(of: Int32)
    case routed

    var bridge: Int32? {
      switch self {
      case .port(let bridge): bridge
      case .routed: nil
      }
    }
  }

  package func place(in network: Network) throws(KernelError) -> Place {
    switch network.mode {
    case .bridge: .port(of: try bridgeIndex(network))
    case .routed, .clone: .routed
    }
  }

  /// The index of a network's bridge. Its MAC tells it from another program's link that took its name.
  /// - Throws: `KernelError`: ENODEV if it is missing.
  private func bridgeIndex(_ network: Network) throws(KernelError) -> Int32 {
    let index = try linkIndex(network.bridge)
    guard try route.macAddress(ofLinkNamed: network.bridge) == network.bridgeMAC else {
      throw KernelError("find bridge \(network.bridge) of network \(network.name)", .noSuchDevice)
    }
    return index
  }

  /// The kernel accepts a port's settings only when the link is a port. Frames that a VMM sends in between must not pass.
  private func takeOut(_ link: Link, _ place: Place) throws(KernelError) {
    var batch = RouteBatch()
    var change = LinkChange(link.reference)
    change.isUp = false
    batch.set(change)
    if place.bridge == nil {
      change.master = 0
      batch.set(change)
    }
    try route.apply(batch)
  }

  private func removeRateLimit(of link: Link) throws(KernelError) {
    var batch = RouteBatch()
    batch.deleteTokenBucket(linkIndex: link.index, linkName: link.name)
    try route.apply(batch)
  }

  /// Configures the TAP completely, in one sendmsg(2).
  private func configure(_ guest: Desired.Guest, index: Int32, _ place: Place) throws(KernelError) {
    let batch = configuration(guest, index: index, place)
    // A second name that is taken is left out.
    let failures = try self.route.send(batch).filter { !($0.errno == .fileExists && $0.index == batch.count - 1) }
    guard let failure = failures.first else { return }
    if hasIngressFilters, failure.index == 0, [.noSuchFile, .notSupported].contains(failure.errno) {
      hasIngressFilters = false
    } else {
      guard failure.errno == .addressFamilyNotSupported, hasIPv6 else { throw failure }
      hasIPv6 = false
    }
    try configure(guest, index: index, place)
  }

  /// The messages that configure a TAP completely.
  package func configuration(_ guest: Desired.Guest, index: Int32, _ place: Place) -> RouteBatch {
    let name = guest.lease.tapName.rawValue
    var batch = RouteBatch()
    if hasIngressFilters { batch.add(IngressBlock(ChecksumFilter.block, linkIndex: index), linkName: name) }
    switch place {
    case .port(let bridge):
      batch.set(portSettings(guest, index: index, bridge: bridge))
      batch.replace(ForwardingEntry(guest.lease.mac, port: index, kind: .init(guest.bridgeEntry)), linkName: name)
      if guest.lease.settings.isReachedFromLoopback {
        batch.set(.switching(.routesLoopback, of: .index(bridge, named: guest.network.bridge.rawValue), true))
      }
    case .routed:
      // The kernel brings a link up before it applies the IPv4 and IPv6 settings of the same message.
      batch.set(routedSettings(guest, index: index))
      batch.set(.up(.index(index, named: name)))
      batch.replace(route(to: guest, index: index), linkName: name)
      batch.replace(.permanent(.v4(guest.neighborAddress), guest.mac, linkIndex: index), linkName: name)
    }
    addIPv6(of: guest, tap: index, place, to: &batch)
    if let qdisc = RootQdisc(guest, index: index) { batch.replace(qdisc, linkName: name) }
    if let alternative = guest.alternativeName { batch.addAlternativeName(alternative, to: .index(index, named: name)) }
    return batch
  }

  private func settings(_ guest: Desired.Guest, index: Int32) -> LinkChange {
    var change = LinkChange(.index(index, named: guest.lease.tapName.rawValue))
    change.alias = guest.mark.alias
    change.mtu = UInt32(guest.network.mtu)
    change.group = RulesetTables.number(of: GuestGroup(guest.network))
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
      .forwarding: 1, .arpIgnore: 0, .arpFilter: 1, .rpFilter: 1,
      .proxyARP: 1,
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

  /// A failure of /dev/net/tun (`isOfTap`), or of rtnetlink.
  struct TapFailure: Error {
    var error: KernelError
    var isOfTap: Bool

    init(_ error: KernelError, isOfTap: Bool) {
      self.error = error
      self.isOfTap = isOfTap
    }
  }

  private func onTap<Value: ~Copyable>(_ body: () throws(KernelError) -> Value) throws(TapFailure) -> Value {
    do throws(KernelError) { return try body() } catch { throw TapFailure(error, isOfTap: true) }
  }

  private func onLink<Value>(_ body: () throws(KernelError) -> Value) throws(TapFailure) -> Value {
    do throws(KernelError) { return try body() } catch { throw TapFailure(error, isOfTap: false) }
  }

  private func stepFailure(_ failure: TapFailure, _ guest: Desired.Guest) -> StepFailure {
    failure.isOfTap ? tapFailure(failure.error, guest) : linkFailure(failure.error, guest)
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

  func linkFailure(_ error: KernelError, _ guest: Desired.Guest) -> StepFailure {
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

extension ForwardingEntry.Kind {
  fileprivate init(_ entry: BridgeEntry) {
    self =
      switch entry {
      case .forwarded: .forwarded
      case .local: .local
      }
  }
}

extension TapOwner {
  /// The user and group that may open a TAP, from the kernel. Returns nil if every user may open it.
  init?(_ link: Link?) {
    guard let uid = link?.tun?.owner else { return nil }
    self.init(uid: uid, gid: link?.tun?.group)
  }
}
