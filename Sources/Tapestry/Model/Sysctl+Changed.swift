import Linux
import NetTypes

extension Sysctl {
  /// Whether Tapestry changes this sysctl, or the kernel changes it along with one. No other sysctl is ever written, even
  /// if a state file lists it.
  var isChanged: Bool {
    switch self {
    case .ipv4Forward, .ipv6Forward, Forwarding.acceptRedirects: return true
    default: break
    }
    // Compare bytes, as the kernel does.
    let parts = rawValue.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 5, Self.mayBeLink(parts[3]) else { return false }
    return Self.ofLinks.contains { ends in parts[..<3] + parts[4...] == ends }
  }

  /// Whether the text can be a value from the kernel: all these sysctls are integers.
  static func mayBeValue(_ text: String) -> Bool { Int32(decimal: text) != nil }

  /// Paths without the link's name.
  private static let ofLinks =
    (IPFamily.allCases.map { Forwarding.ofLink("", $0) } + [Forwarding6.routerAdvertisements("")])
    .map { sysctl in sysctl.rawValue.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)[...] }

  /// Whether the text can be a link's name (`dev_valid_name` in net/core/dev.c) or `default`, which is a valid link name
  /// too. Not `all`, which has other meanings.
  private static func mayBeLink(_ name: [UInt8]) -> Bool {
    (1...15).contains(name.count) && !["all", ".", ".."].contains { Array($0.utf8) == name }
      && name.allSatisfy { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
  }
}
