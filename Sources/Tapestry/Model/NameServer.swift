public import NetTypes

/// The name server of a network: dnsmasq, at the gateway's address, for the guests of this network alone. It knows them
/// by name where they may reach each other, and asks others about the rest; in mode `bridge` it answers DHCP too, and
/// where there is IPv6 sends router advertisements.
public struct NameServer: Hashable, Sendable {
  /// Whom it asks; none: whom the host asks (/etc/resolv.conf).
  public var upstreams: [IPv4Address]

  public init(upstreams: [IPv4Address] = []) { self.upstreams = upstreams }

  /// As many as resolv.conf(5) has room for.
  public static let maximumUpstreams = 3
}

extension NameServer: CustomStringConvertible {
  /// The upstreams, separated by spaces.
  public var description: String { upstreams.map(\.description).joined(separator: " ") }

  /// nil for other text.
  init?(text: String) {
    self.init()
    for word in text.split(separator: " ") {
      guard let address = try? IPv4Address(parsing: String(word)) else { return nil }
      upstreams.append(address)
    }
  }
}

extension NameServer {
  /// - Throws: `INVALID_ADDRESS` for too many upstreams, or the network's own gateway.
  func validate(in subnet: IPv4Subnet) throws(TapestryError) {
    guard upstreams.count <= Self.maximumUpstreams else {
      throw TapestryError(
        .invalidAddress, "\(upstreams.count) name servers to ask: at most \(Self.maximumUpstreams) are used")
    }
    for address in upstreams where address == subnet.gateway {
      throw TapestryError(.invalidAddress, "\(address) cannot be asked for names: it is the network's own gateway")
    }
    for address in upstreams { try address.validateAsNameServer() }
  }
}

extension IPv4Address {
  /// - Throws: `INVALID_ADDRESS` for one at which nobody answers.
  fileprivate func validateAsNameServer() throws(TapestryError) {
    guard isUnspecified || isMulticast || isLimitedBroadcast else { return }
    throw TapestryError(.invalidAddress, "\(self) cannot be asked for names: it is no host's address")
  }
}

extension [IPv4Address] {
  /// - Throws: `INVALID_ADDRESS` for more than boot arguments have room for, or one at which nobody answers.
  func validateAsNameServers() throws(TapestryError) {
    guard count <= 2 else {
      throw TapestryError(.invalidAddress, "\(count) name servers for guests: 'ip=' has room for two")
    }
    for address in self { try address.validateAsNameServer() }
  }
}
