public import NetTypes

extension Identifier {
  /// The id as one label of a domain name: lower-case letters, digits and inner hyphens, at most 63 (RFC 1123, 2.1).
  ///
  /// An id that is one already stays as it is. Any other is made one, and a hash of the id is added: `Web_1` becomes
  /// `web-1-` and eight digits. So two ids share a label by a hash's chance alone, and which label an id has does not
  /// depend on what others there are.
  public var domainLabel: String {
    var label = String(decoding: rawValue.utf8.map(Self.labelByte), as: UTF8.self)
    guard label != rawValue || label.utf8.count > 63 || label.hasPrefix("-") || label.hasSuffix("-") else {
      return label
    }
    // Not to end before the hash with a hyphen, nor to begin with one.
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

  /// FNV-1a, of 32 bits.
  private var hash: UInt32 {
    rawValue.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}

extension Network {
  /// What the names of its guests end with: `blue.internal`.
  public var domain: String { "\(name.domainLabel).internal" }

  /// The name by which guests of the network find this one: `web-1.blue.internal`. nil where they find none: without
  /// `allowsInterVM` they could do nothing with it.
  public func domainName(ofVM vm: Identifier) -> String? {
    nameServer != nil && allowsInterVM ? "\(vm.domainLabel).\(domain)" : nil
  }

  /// The name servers for the guests' boot arguments: those asked for, else the network's own at the gateway's address as
  /// the guests know it.
  public var guestDNS: [IPv4Address] {
    guard dns.isEmpty, nameServer != nil else { return dns }
    return [snapshot?.gateway ?? subnet.gateway]
  }
}
