public import NetTypes

/// What a guest with IPv6 is configured with.
public struct IPv6Configuration: Hashable, Sendable {
  public var address: IPv6Address
  public var prefixLength: Int
  /// Link-local.
  public var gateway: IPv6Address

  public init(address: IPv6Address, prefixLength: Int, gateway: IPv6Address) {
    self.address = address
    self.prefixLength = prefixLength
    self.gateway = gateway
  }
}
