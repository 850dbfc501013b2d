public import NetTypes

extension Identifier {
  /// The id as one label of a domain name: lower-case letters, digits and inner hyphens, at most 63 characters
  /// (RFC 1123, 2.1).
  ///
  /// A valid label stays unchanged. Any other id is converted, and a hash of the id is appended: `Web_1` becomes `web-1-`
  /// and eight digits. So two ids share a label only by a hash collision, and an id's label does not depend on other ids.
  public var domainLabel: String {
    var label = String(decoding: rawValue.utf8.map(Self.labelByte), as: UTF8.self)
    guard label != rawValue || label.utf8.count > 63 || label.hasPrefix("-") || label.hasSuffix("-") else {
      return label
    }
    // Neither the label nor the part before the hash may begin or end with a hyphen.
    label = String(label.drop { $0 == "-" }.prefix(63 - 9))
    while label.hasSuffix("-") { label.removeLast() }
    let digits = String(hash, radix: 16)
    let suffix = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    return label.isEmpty ? "vm-\(suffix)" : "\(label)-\(suffix)"
  }

  private static func labelByte(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
    default: UInt8(ascii: "-")
    }
  }

  /// FNV-1a, 32 bits.
  private var hash: UInt32 { rawValue.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 } }
}

extension Network {
  /// The domain of its guests' names: `blue.internal`.
  public var domain: String { "\(name.domainLabel).internal" }

  /// The DNS name of a VM for guests of the network: `web-1.blue.internal`. nil if the network has no DNS server or no
  /// `allowsInterVM`, without which the name would be useless.
  public func domainName(ofVM vm: Identifier) -> String? {
    settings.nameServer != nil && settings.allowsInterVM ? "\(vm.domainLabel).\(domain)" : nil
  }

  /// The DNS servers for the guests' boot arguments: those in the settings, else the network's own at the gateway address that
  /// guests use.
  public var guestDNS: [IPv4Address] {
    guard settings.dns.isEmpty, settings.nameServer != nil else { return settings.dns }
    return [snapshot?.gateway ?? subnet.gateway]
  }
}
