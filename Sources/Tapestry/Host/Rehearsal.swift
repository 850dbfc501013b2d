import Linux
import NetTypes

/// Makes a guest of each mode in a separate network namespace, which ends with its thread. This shows what the kernel
/// cannot do, and changes nothing of the host.
enum Rehearsal {
  static func hold() -> HostFacts.Rehearsal {
    do throws(KernelError) { return try DetachedThread.run(name: "rehearsal", play) } catch {
      return .notHeld("\(error)")
    }
  }

  /// Runs on a thread that ends afterwards.
  @Sendable private static func play() -> HostFacts.Rehearsal {
    do throws(KernelError) { try NetworkNamespace.unshare() } catch { return .notHeld("\(error)") }
    do throws(TapestryError) {
      // If the kernel has no IPv6, the networks have none.
      let forwarding6 = try? Sysctl.ipv6Forward.read()
      let sysctls: [Sysctl: String] = [.ipv4Forward: "0", .ipv6Forward: forwarding6 ?? ""]
      let plan = Plan.difference(
        try cast(hasIPv6: forwarding6 != nil), Observed(sysctls: sysctls.filter { !$0.value.isEmpty }))
      // The steps of one transaction fail with one error.
      var failures: [TapestryError] = []
      for failure in try LinuxHost().apply(plan, observedAt: nil) where !failures.contains(failure.error) {
        failures.append(failure.error)
      }
      return failures.isEmpty ? .succeeded : .failed(failures)
    } catch {
      return .failed([error])
    }
  }

  /// A network of each mode with a guest that uses every feature.
  static func cast(hasIPv6: Bool) throws(TapestryError) -> Desired {
    var desired = Desired()
    for (number, mode) in Network.Mode.allCases.enumerated() {
      let base = IPv4Address(rawValue: Network.defaultSubnet.networkAddress.rawValue + UInt32(number) << 8)
      let subnet = try Validation.subnet("\(base)/24")
      let network = Network(
        name: try Validation.networkName(mode.rawValue), mode: mode, subnet: subnet,
        bridge: try Validation.interfaceName("svbr\(number)", field: "bridgeName"),
        subnet6: hasIPv6 && mode != .clone ? Self.prefix6(number) : nil, nat6: true,
        snapshot: mode == .clone
          ? SnapshotIdentity(address: subnet.firstGuest, subnet: subnet, mac: Identity.mac(vm: "a", interface: "b"))
          : nil)
      let key = AttachmentKey(vm: network.name, interface: .eth0)
      let lease = Lease(
        key: key, network: network.name, address: subnet.firstGuest,
        mac: Identity.mac(vm: mode.rawValue, interface: "eth0"),
        tapName: try Validation.interfaceName("svtap\(number)", field: "tapName"),
        // Everything that an attachment can have.
        settings: AttachmentSettings(
          egress: EgressPolicy(
            reach: .internet, rules: [TrafficRule(.allow, Traffic(to: .v4(SpecialUse.linkLocal)))],
            domains: [try DomainPattern(parsing: "*.example.org")]),
          published: [PublishedPort(hostPort: UInt16(8000 + number), guestPort: 80)],
          rateLimit: RateLimit(transmit: 1_000_000, receive: 1_000_000, transmitPackets: 1000),
          maxConnections: .atMost(1000)))
      desired = desired.including(network).including(Desired.Guest(network: network, lease: lease))
    }
    return desired
  }

  private static func prefix6(_ number: Int) -> IPv6Prefix {
    IPv6Prefix(known: IPv6Address(rawValue: 0xfd << 120 | UInt128(number) << 64), prefixLength: 64)
  }
}
