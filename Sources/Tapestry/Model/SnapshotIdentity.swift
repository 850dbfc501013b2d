public import NetTypes

/// The network configuration in a snapshot: address, MAC and gateway. Every guest of a network of mode `clone` has the
/// same.
public struct SnapshotIdentity: Hashable, Sendable {
  /// The guest's address.
  public var address: IPv4Address
  /// The subnet that the guest was configured with.
  public var subnet: IPv4Subnet
  /// The MAC of the guest's interface.
  public var mac: MACAddress
  /// The gateway that the guest was configured with.
  public var gateway: IPv4Address
  /// The gateway's MAC in the guest's ARP cache. Every TAP has this MAC, so that the ARP cache entry restored with the
  /// guest is valid.
  public var gatewayMAC: MACAddress

  /// Creates the configuration that is in a snapshot.
  /// - Parameters:
  ///   - gateway: nil: the subnet's gateway.
  ///   - gatewayMAC: nil: the gateway MAC of the network `default`, for snapshots of its guests.
  public init(
    address: IPv4Address, subnet: IPv4Subnet, mac: MACAddress, gateway: IPv4Address? = nil,
    gatewayMAC: MACAddress? = nil
  ) {
    self.address = address
    self.subnet = subnet
    self.mac = mac
    self.gateway = gateway ?? subnet.gateway
    self.gatewayMAC = gatewayMAC ?? Network(name: .default, subnet: subnet, bridge: Network.defaultBridge).bridgeMAC
  }

  /// - Throws: `INVALID_ADDRESS`, `INVALID_MAC`.
  func validate() throws(TapestryError) {
    for (name, host) in [("guest's", address), ("gateway's", gateway)] {
      guard subnet.contains(host), host != subnet.networkAddress, host != subnet.broadcast else {
        throw TapestryError(
          .invalidAddress, "The \(name) address \(host) is not a host address in the guest's subnet \(subnet)")
      }
    }
    guard address != gateway else {
      throw TapestryError(.invalidAddress, "\(address) cannot be both the guest's address and its gateway's")
    }
    for (name, mac) in [("guest's", mac), ("gateway's", gatewayMAC)] {
      guard !mac.isMulticast, !mac.isZero else {
        throw TapestryError(
          .invalidMAC, "Invalid MAC address '\(mac)': the \(name) must be unicast (its first octet even) and not zero")
      }
    }
    guard mac != gatewayMAC else {
      throw TapestryError(.invalidMAC, "\(mac) cannot be both the guest's MAC and its gateway's")
    }
  }
}
