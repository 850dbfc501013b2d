public import NetTypes

/// The DNS server of a network: dnsmasq, at the gateway address, for the guests of this network only. It resolves their
/// names if they may reach each other, and forwards other queries upstream. In mode `bridge` it also serves DHCP and,
/// with IPv6, sends router advertisements.
public struct NameServer: Hashable, Sendable {
  /// Upstream DNS resolvers; empty: those of the host (/etc/resolv.conf).
  public var upstreams: [IPv4Address]

  /// Creates a name server with these upstreams.
  public init(upstreams: [IPv4Address] = []) { self.upstreams = upstreams }

  /// The limit of resolv.conf(5).
  public static let maximumUpstreams = 3
}

extension NameServer: CustomStringConvertible {
  /// The upstreams, separated by spaces.
  public var description: String { upstreams.text }
}

extension NameServer {
  /// - Throws: `INVALID_ADDRESS` for too many upstreams, or the network's own gateway.
  func validate(in subnet: IPv4Subnet) throws(TapestryError) {
    guard upstreams.count <= Self.maximumUpstreams else {
      throw TapestryError(
        .invalidAddress, "\(upstreams.count) upstream DNS resolvers: at most \(Self.maximumUpstreams) are allowed")
    }
    for address in upstreams where address == subnet.gateway {
      throw TapestryError(
        .invalidAddress, "\(address) cannot be an upstream DNS resolver: it is the network's own gateway")
    }
    for address in upstreams { try address.validateAsNameServer() }
  }
}

extension IPv4Address {
  /// - Throws: `INVALID_ADDRESS` for an address that no host can have.
  fileprivate func validateAsNameServer() throws(TapestryError) {
    guard isUnspecified || isMulticast || isLimitedBroadcast else { return }
    throw TapestryError(.invalidAddress, "\(self) cannot be a DNS server: it is not a host address")
  }
}

extension [IPv4Address] {
  /// The addresses, separated by spaces.
  var text: String { map(\.description).joined(separator: " ") }

  /// Returns nil if the text is not a list of IPv4 addresses.
  init?(text: String) {
    self.init()
    for word in text.split(separator: " ") {
      guard let address = try? IPv4Address(parsing: String(word)) else { return nil }
      append(address)
    }
  }

  /// - Throws: `INVALID_ADDRESS` for more addresses than boot arguments take, or an address that no host can have.
  func validateAsNameServers() throws(TapestryError) {
    guard count <= 2 else {
      throw TapestryError(.invalidAddress, "\(count) DNS servers for guests: the kernel's 'ip=' parameter takes two")
    }
    for address in self { try address.validateAsNameServer() }
  }
}
