import Glibc
import NetTypes

extension FuzzTarget {
  /// Text put to every parser of addresses, prefixes, subnets and MACs. What one takes is printed and read as the same,
  /// and the C library has the same opinion of an address.
  static let numbers = FuzzTarget("numbers", longest: 64) { bytes in
    let text = bytes.text
    let ipv4 = value(IPv4Address.init(parsing:), text)
    let ipv6 = value(IPv6Address.init(parsing:), text)
    hold(ipv4?.bytes == inet(text, AF_INET, 4), "inet_pton agrees: \(text.debugDescription)")
    hold(ipv6?.bytes == inet(text, AF_INET6, 16), "inet_pton agrees: \(text.debugDescription)")

    let mac = value(MACAddress.init(parsing:), text)
    hold(mac == nil || mac?.octets.count == 6, "a MAC has six octets")
    if let prefix = value(IPv6Prefix.init(parsing:), text) {
      hold(prefix.contains(prefix.address) && prefix.contains(prefix.lastAddress), "a prefix has its two ends")
    }
    let prefix = value(IPv4Prefix.init(parsing:), text)
    if let prefix {
      hold(prefix.contains(prefix.address) && prefix.contains(prefix.lastAddress), "a prefix has its two ends")
    }
    guard let subnet = value(IPv4Subnet.init(parsing:), text) else { return }
    hold(subnet.prefix == prefix, "a subnet is a prefix")
    hold(subnet.isGuest(subnet.firstGuest) && subnet.isGuest(subnet.lastGuest), "a subnet has guests")
    hold(!subnet.isGuest(subnet.gateway) && !subnet.isGuest(subnet.broadcast), "a gateway is no guest")
    hold(subnet.guestCount >= 1 && subnet.overlaps(subnet), "a subnet has room for a guest")
  }

  private static func value<Value: CustomStringConvertible & Equatable>(
    _ parse: (String) throws -> Value, _ text: String
  ) -> Value? {
    guard let value = try? parse(text) else { return nil }
    hold((try? parse(value.description)) == value, "printed and read, the same \(Value.self): \(text.debugDescription)")
    return value
  }

  /// What inet_pton(3) makes of the text.
  private static func inet(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
    guard !text.utf8.contains(0) else { return nil }  // it would not see what follows
    var bytes = [UInt8](repeating: 0, count: count)
    return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}
