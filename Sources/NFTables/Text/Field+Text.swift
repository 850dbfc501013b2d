extension Field.Source {
  /// Returns true if both load the same bytes. The checksum matters only for a store.
  func hasSameLocation(as other: Self) -> Bool {
    if case .payload(let base, let offset, let length, _) = self,
      case .payload(let otherBase, let otherOffset, let otherLength, _) = other
    {
      return base == otherBase && offset == otherOffset && length == otherLength
    }
    return self == other
  }
}

extension Field {
  /// A field that is not in `named`, as nft(8) writes it if it can.
  static func unnamed(_ source: Source) -> Field {
    switch source {
    case .payload(let base, let offset, let length, _):
      // In bits, from the link layer, network or transport header.
      let header = [Payload.Base.link: "ll", .network: "nh", .transport: "th"][base] ?? "ih"
      let name = "@\(header),\(UInt64(offset) * 8),\(UInt64(length) * 8)"
      return Field(name, .unknown(0, size: Int(length)), source)
    case .meta(let key): return Field("meta \(key)", .unknown(0, size: 4), source)
    case .ct(let key, let direction):
      let side = direction.map { " \($0)" } ?? ""
      return Field("ct\(side) \(key)", .unknown(0, size: 4), source)
    case .extensionHeader(let number, let offset, let length):
      return Field("exthdr \(number) @\(offset * 8),\(length * 8)", .unknown(0, size: Int(length)), source)
    case .hasExtensionHeader(let number): return Field("exthdr \(number)", .boolean, source)
    case .route(let key): return Field(RouteProperty(key: key, destination: .first).text, .unknown(0, size: 4), source)
    case .fib(let result, let flags):
      return Field("fib \(flags.text) \(result.text)", result == .type ? .routeType : .unknown(0, size: 4), source)
    }
  }
}

extension RouteLookup.Flags {
  fileprivate var text: String {
    let names: [(Self, String)] = [
      (.source, "saddr"), (.destination, "daddr"), (.mark, "mark"), (.iif, "iif"), (.oif, "oif"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: " . ")
  }
}

extension RouteLookup.Result {
  fileprivate var text: String {
    switch self {
    case .outputIndex: "oif"
    case .outputName: "oifname"
    case .type: "type"
    }
  }
}

extension [UInt8] {
  /// The prefix length of a mask in bits; nil for a mask with gaps.
  var prefixLength: Int? {
    let ones = prefix { $0 == 0xff }.count
    guard ones < count else { return ones * 8 }
    let bits = (~self[ones]).leadingZeroBitCount
    let expected = UInt8(truncatingIfNeeded: 0xff00 >> bits)
    return self[ones] == expected && dropFirst(ones + 1).allSatisfy { $0 == 0 } ? ones * 8 + bits : nil
  }
}
