import Linux
import NetTypes
import RouteNetlink

extension LinkDriver {
  func createBridge(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      // EBUSY: another link has the random index.
      for _ in 0..<8 {
        do throws(KernelError) { return try createBridge(network, index: Int32.random(in: Self.bridgeIndices)) } catch {
          guard error.errno == .busy else { throw error }
        }
      }
      throw KernelError(operation: "find an index for bridge \(network.bridge)", errno: .busy)
    } catch {
      throw bridgeFailure(error)
    }
  }

  /// Far above the indices that the kernel assigns, which are consecutive.
  private static let bridgeIndices: ClosedRange<Int32> = 0x10_0000...0xff_ffff

  /// The kernel accepts no alias for a link that is being made, and continues after a message that fails. So both messages
  /// go out in one system call, which no signal interrupts. The second identifies the link by an index that we chose, so it
  /// never changes a foreign link of that name.
  private func createBridge(_ network: Network, index: Int32) throws(KernelError) {
    var attributes = BridgeAttributes()
    // The ports are guests: there are no loops, and guests' multicast reports must not fill a table.
    attributes.spanningTree = 0
    attributes.multicastSnooping = false
    var link = NewLink(network.bridge, .bridge(attributes))
    link.index = index
    link.macAddress = network.bridgeMAC
    link.mtu = UInt32(network.mtu)

    let reference = LinkReference.index(index, named: network.bridge.rawValue)
    var batch = RouteBatch()
    batch.create(link)
    batch.set(settings(network, of: reference, isNew: true))
    guard let failure = try route.send(batch).first else { return }
    guard failure.index > 0 else { throw failure }
    if failure.errno == .addressFamilyNotSupported, hasIPv6 {
      hasIPv6 = false
      return try apply { $0.set(settings(network, of: reference, isNew: true)) }
    }
    do throws(KernelError) { try apply { $0.delete(reference) } } catch {
      throw KernelError(operation: "\(failure), and then to \(error.operation)", errno: error.errno)
    }
    throw failure
  }

  func setBridge(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      var change = settings(network, of: .name(network.bridge.rawValue))
      // The kernel forgets a link's neighbours when its MAC is set, even to the same value.
      if try route.link(named: network.bridge.rawValue)?.macAddress == network.bridgeMAC { change.macAddress = nil }
      try apply { $0.set(change) }
    } catch { throw bridgeFailure(error) }
  }

  func setSwitch(_ choice: BridgeSwitch, _ network: Network, _ isOn: Bool) throws(StepFailure) {
    do throws(KernelError) {
      // Answers for others wait in a queue, up to 0.8 s. One guest could fill it.
      if choice == .answersForGuests, isOn {
        try Sysctl(rawValue: "net/ipv4/neigh/\(network.bridge)/proxy_delay").write("0")
      }
      try apply { $0.set(.switching(choice, of: .name(network.bridge.rawValue), isOn)) }
    } catch { throw bridgeFailure(error) }
  }

  private func settings(_ network: Network, of link: LinkReference, isNew: Bool = false) -> LinkChange {
    var change = LinkChange(link)
    change.alias = network.mark.alias
    change.mtu = UInt32(network.mtu)
    change.macAddress = network.bridgeMAC
    change.addressGenerationMode = addressGenerationMode(mtu: network.mtu)
    // The bridge answers ARP only for its own addresses, not for the host's others, such as 127.0.0.1. It forwards guests'
    // packets regardless of the default for new links.
    if network.mode == .bridge { change.ipv4 = [.arpIgnore: 1, .forwarding: 1] }
    if isNew { for choice in BridgeSwitch.allCases { change.ipv4[choice.setting] = 0 } }
    change.isUp = true
    return change
  }

  /// Keeps the kernel from making a link-local address for the host on the guests' link: a guest's gateway must not depend
  /// on a MAC. Links with an MTU too small for IPv6 (RFC 8200: 1,280 bytes) have no such address, and refuse the setting.
  func addressGenerationMode(mtu: Int) -> AddressGenerationMode? {
    hasIPv6 && mtu >= 1280 ? AddressGenerationMode.byNobody : nil
  }

  func addGateway(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      var address = InterfaceAddress(
        .v4(network.subnet.gateway), prefixLength: UInt8(network.subnet.prefixLength),
        linkIndex: try linkIndex(network.bridge))
      address.broadcast = network.subnet.broadcast
      try apply { $0.replace(address, linkName: network.bridge.rawValue) }
    } catch {
      throw bridgeFailure(error)
    }
  }

  func bridgeFailure(_ error: KernelError) -> StepFailure {
    let kind: HostFailure.Kind = [.noSuchDevice, .fileExists].contains(error.errno) ? .outOfSync : .refused
    return StepFailure(TapestryError(error, .bridgeSetupFailed, "Failed to set up network bridge"), kind)
  }
}

extension BridgeSwitch {
  var setting: IPv4DeviceSetting {
    switch self {
    case .routesLoopback: .routeLocalnet
    case .answersForGuests: .proxyARPPrivateVLAN
    }
  }
}

extension LinkChange {
  /// Turns a setting of a bridge on or off.
  static func switching(_ choice: BridgeSwitch, of bridge: LinkReference, _ isOn: Bool) -> LinkChange {
    var change = LinkChange(bridge)
    change.ipv4 = [choice.setting: isOn ? 1 : 0]
    return change
  }
}
