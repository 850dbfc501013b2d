import NetTypes

extension Traffic: CustomStringConvertible {
  /// In the syntax of `parse`: `10.0.0.0/8:443/tcp`, `[2001:db8::/32]:443/tcp`.
  public var description: String {
    var text = destination.isHost ? destination.address.description : destination.description
    if ports != Self.allPorts {
      if case .v6 = destination { text = "[\(text)]" }
      text += ":" + ports.text
    }
    switch protocols {
    case Self.allProtocols: break
    case Self.tcp...Self.tcp: text += "/tcp"
    case Self.udp...Self.udp: text += "/udp"
    case destination.icmp...destination.icmp: text += "/icmp"
    default: text += "/ip" + protocols.text
    }
    return text
  }

  fileprivate static func all(_ text: String) throws(TapestryError) -> [Traffic] {
    var words = text.split(separator: "/", omittingEmptySubsequences: false)
    var name: String?
    if words.count > 1, let last = words.last, last.first?.isLetter == true { name = String(words.removeLast()) }
    let place = Place(words.joined(separator: "/"))
    guard let destination = prefix(place.address) else {
      throw invalid(text, "'\(place.address)' is not an address or a prefix without host bits")
    }
    var protocols: ClosedRange<UInt8>?
    if let name {
      guard let known = Self.protocols(name, to: destination) else {
        throw invalid(text, "'\(name)' is not a protocol")
      }
      protocols = known
    }
    guard let portText = place.ports else { return [Traffic(to: destination, protocols: protocols ?? allProtocols)] }
    guard let ports = ClosedRange<UInt16>(text: portText) else {
      throw invalid(text, "'\(portText)' is not a port or port range")
    }
    let transports = protocols.map { [$0] } ?? [tcp...tcp, udp...udp]
    guard transports.allSatisfy({ $0 == tcp...tcp || $0 == udp...udp }) else {
      throw invalid(text, "only TCP and UDP have ports")
    }
    return transports.map { Traffic(to: destination, protocols: $0, ports: ports) }
  }

  /// An address with optional prefix length, and the text after the colon that ends it.
  private struct Place {
    var address: String
    var ports: String?

    init(_ text: String) {
      if text.first == "[", let end = text.lastIndex(of: "]") {
        let rest = text[text.index(after: end)...]
        // Only a port may follow the bracket; otherwise the whole text is an invalid address.
        guard rest.isEmpty || rest.first == ":" else {
          address = text
          return
        }
        address = String(text[text.index(after: text.startIndex)..<end])
        ports = rest.isEmpty ? nil : String(rest.dropFirst())
        // Only IPv6 addresses may be in brackets.
        if !address.contains(":") { address = text }
      } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1 {
        address = text
      } else {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        address = String(parts.first ?? "")
        ports = parts.count == 2 ? String(parts[1]) : nil
      }
    }
  }

  private static func prefix(_ text: String) -> IPPrefix? {
    let written = try? IPAddress(parsing: String(text.prefix { $0 != "/" }))
    guard text.contains("/") else { return written.map(IPPrefix.host) }
    // Clearing host bits would allow more than intended.
    guard let prefix = try? IPPrefix(parsing: text), prefix.address == written else { return nil }
    return prefix
  }

  private static func protocols(_ text: String, to destination: IPPrefix) -> ClosedRange<UInt8>? {
    switch text {
    case "tcp": tcp...tcp
    case "udp": udp...udp
    case "icmp": destination.icmp...destination.icmp
    default: text.hasPrefix("ip") ? ClosedRange(text: String(text.dropFirst(2))) : nil
    }
  }

  private static func invalid(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(
      .invalidPolicy,
      "Invalid traffic '\(text)': \(reason). Expected ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER], such as "
        + "10.0.0.0/8:443/tcp or [2001:db8::/32]:443/tcp")
  }
}

extension IPPrefix {
  /// The protocol number of the family's ICMP.
  fileprivate var icmp: UInt8 { family == .v4 ? Traffic.icmp : Traffic.icmpv6 }
}

extension ClosedRange where Bound: FixedWidthInteger {
  /// `443`, `8000-8010`.
  var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }

  /// Returns nil unless the text is one decimal number, or two in ascending order.
  init?(text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Bound(decimal: $0) }
    guard let first = ends.first, let first, let last = ends.last, let last, ends.count <= 2, first <= last else {
      return nil
    }
    self = first...last
  }
}

extension FixedWidthInteger {
  /// Returns nil unless the text is how the number is printed: no plus sign, no leading zeros.
  init?(decimal text: some StringProtocol) {
    guard let number = Self(text), "\(number)" == text else { return nil }
    self = number
  }
}

extension [Traffic] {
  /// Parses `ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipN[-N]]`. Before a port, an IPv6 address with its length is in
  /// brackets. Ports without a protocol mean TCP and UDP, so two elements are returned. `icmp` is ICMP or ICMPv6,
  /// depending on the address family.
  /// - Throws: `INVALID_POLICY`.
  public init(parsing text: String) throws(TapestryError) { self = try Traffic.all(text) }
}
