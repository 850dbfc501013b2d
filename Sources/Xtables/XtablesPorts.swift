/// The destination ports of a match of iptables(8).
public enum XtablesPorts {
  /// Decodes the data of a match: `struct xt_tcp`, `struct xt_udp`, `struct xt_multiport`, `struct xt_multiport_v1`.
  /// - Parameters:
  ///   - name: The name of the match: `tcp`, `udp`, `multiport`.
  ///   - data: The data of the match, in host byte order.
  /// - Returns: Port ranges in host byte order; nil if the match does not limit destination ports, or is inverted.
  public static func destinations(match name: String, _ data: [UInt8]) -> [ClosedRange<UInt16>]? {
    switch name {
    case "tcp", "udp": pair(data, isInverted: name == "tcp" ? (11, 2) : (8, 2))
    case "multiport": multiport(data)
    default: nil
    }
  }

  /// - Parameter isInverted: The offset of the inversion flags, and the flag that inverts the destination ports.
  private static func pair(
    _ data: [UInt8], isInverted: (place: Int, flag: UInt8)
  ) -> [ClosedRange<UInt16>]? {
    guard let first = try? data.integer(at: 4, as: UInt16.self), let last = try? data.integer(at: 6, as: UInt16.self),
      first <= last, isInverted.place < data.count, data[isInverted.place] & isInverted.flag == 0,
      first...last != 0...UInt16.max
    else { return nil }
    return [first...last]
  }

  /// XT_MULTI_PORTS: the most ports of `multiport`.
  private static let maximumPorts = 15

  private static func multiport(_ data: [UInt8]) -> [ClosedRange<UInt16>]? {
    // Flags, where 0 means source ports only; count; ports; a flag for each port that begins a range; inversion.
    let (ports, flags, inverted) = (2, 2 + 2 * maximumPorts, 2 + 3 * maximumPorts)
    guard data.count >= inverted, data[0] != 0, inverted >= data.count || data[inverted] == 0 else { return nil }
    var found: [ClosedRange<UInt16>] = []
    var place = 0
    while place < min(Int(data[1]), maximumPorts) {
      guard let first = try? data.integer(at: ports + 2 * place, as: UInt16.self) else { return nil }
      var last = first
      if data[flags + place] != 0, let end = try? data.integer(at: ports + 2 * (place + 1), as: UInt16.self) {
        last = end
        place += 1
      }
      if first <= last { found.append(first...last) }
      place += 1
    }
    return found
  }
}
