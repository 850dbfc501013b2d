import NetTypes

extension Traffic: CustomStringConvertible {
  /// As `parse` takes it: `10.0.0.0/8:443/tcp`.
  public var description: String {
    var text = destination.prefixLength == 32 ? destination.address.description : destination.description
    if ports != Self.allPorts { text += ":" + ports.text }
    switch protocols {
    case Self.allProtocols: break
    case Self.tcp...Self.tcp: text += "/tcp"
    case Self.udp...Self.udp: text += "/udp"
    case Self.icmp...Self.icmp: text += "/icmp"
    default: text += "/ip" + protocols.text
    }
    return text
  }

  /// Reads `ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipN[-N]]`. Ports without a protocol are those of TCP and of
  /// UDP: two kinds of traffic.
  /// - Throws: `INVALID_POLICY`.
  public static func parse(_ text: String) throws(TapestryError) -> [Traffic] {
    var words = text.split(separator: "/", omittingEmptySubsequences: false)
    var protocols: ClosedRange<UInt8>?
    if words.count > 1, let last = words.last, last.first?.isLetter == true {
      guard let known = Self.protocols(String(last)) else { throw invalid(text, "'\(last)' is no protocol") }
      protocols = known
      words.removeLast()
    }
    let place = words.joined(separator: "/").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let destination = prefix(String(place.first ?? "")) else {
      throw invalid(text, "'\(place.first ?? "")' is no address or prefix without host bits")
    }
    guard place.count == 2 else { return [Traffic(to: destination, protocols: protocols ?? allProtocols)] }
    guard let ports = ClosedRange<UInt16>(text: String(place[1])) else {
      throw invalid(text, "'\(place[1])' is no port or range of ports")
    }
    let transports = protocols.map { [$0] } ?? [tcp...tcp, udp...udp]
    guard transports.allSatisfy({ $0 == tcp...tcp || $0 == udp...udp }) else {
      throw invalid(text, "only TCP and UDP have ports")
    }
    return transports.map { Traffic(to: destination, protocols: $0, ports: ports) }
  }

  private static func prefix(_ text: String) -> IPv4Prefix? {
    guard text.contains("/") else { return IPv4Address(text).map(IPv4Prefix.init(host:)) }
    // Host bits would be dropped, and more let through than was meant.
    guard let prefix = IPv4Prefix(text), IPv4Address(String(text.prefix { $0 != "/" })) == prefix.address else {
      return nil
    }
    return prefix
  }

  private static func protocols(_ text: String) -> ClosedRange<UInt8>? {
    switch text {
    case "tcp": tcp...tcp
    case "udp": udp...udp
    case "icmp": icmp...icmp
    default: text.hasPrefix("ip") ? ClosedRange(text: String(text.dropFirst(2))) : nil
    }
  }

  private static func invalid(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(
      .invalidPolicy,
      "Invalid traffic '\(text)': \(reason). Expected ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER], as in "
        + "10.0.0.0/8:443/tcp")
  }
}

extension ClosedRange where Bound: FixedWidthInteger {
  /// `443`, `8000-8010`.
  var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }

  /// nil for anything but one or two decimal numbers, in order.
  init?(text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
    guard let first = ends.first, let first, let last = ends.last, let last, ends.count <= 2, first <= last else {
      return nil
    }
    self = first...last
  }

  /// Digits alone, without signs and without leading zeros.
  private static func number(_ text: Substring) -> Bound? {
    guard let number = Bound(text), "\(number)" == text else { return nil }
    return number
  }
}
