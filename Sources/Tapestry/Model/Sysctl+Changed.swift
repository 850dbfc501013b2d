import Linux

extension Sysctl {
  /// Whether it is one that Tapestry changes, or that the kernel changes with it: no other is ever written, whatever a
  /// state file says.
  var isChanged: Bool {
    switch self {
    case .ipv4Forward, .ipv6Forward, Forwarding.acceptRedirects: return true
    default: break
    }
    // By bytes, as the kernel reads it.
    let parts = rawValue.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 5, Self.mayBeLink(parts[3]) else { return false }
    return Self.ofLinks.contains { ends in parts[..<3] + parts[4...] == ends }
  }

  /// Whether the kernel can have said so: they are all whole numbers.
  static func mayBeValue(_ text: String) -> Bool { Int32(text).map { "\($0)" == text } ?? false }

  /// With the link left out.
  private static let ofLinks = [Forwarding.ofLink(""), Forwarding6.ofLink(""), Forwarding6.routerAdvertisements("")]
    .map { sysctl in sysctl.rawValue.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)[...] }

  /// A link's name, `dev_valid_name` in net/core/dev.c, or `default`, which is as long as some; not `all`, where others have
  /// other meanings.
  private static func mayBeLink(_ name: [UInt8]) -> Bool {
    (1...15).contains(name.count) && !["all", ".", ".."].contains { Array($0.utf8) == name }
      && name.allSatisfy { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
  }
}
