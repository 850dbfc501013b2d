public import NetTypes

/// Addresses that tests write down, as text: what is no address ends the test run, and is never taken for another.
extension InternetAddress {
  public init(stringLiteral text: String) { self = known(text, Self.init(parsing:)) }
}

extension IPv4Address: ExpressibleByStringLiteral {}
extension IPv6Address: ExpressibleByStringLiteral {}

extension IPAddress: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = known(text, Self.init(parsing:)) }
}

extension IPv4Subnet: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = known(text, Self.init(parsing:)) }
}

extension Prefix: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = known(text, Self.init(parsing:)) }
}

extension IPPrefix: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = known(text, Self.init(parsing:)) }
}

private func known<Value>(_ text: String, _ parse: (String) throws(AddressError) -> Value) -> Value {
  do throws(AddressError) { return try parse(text) } catch { preconditionFailure("\(error)") }
}
