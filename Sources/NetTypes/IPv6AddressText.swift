extension IPv6Address: CustomStringConvertible {
  /// The address written in any form of RFC 4291, 2.2: eight groups of one to four hex digits of either case, `::` for
  /// one or more groups of zeros, the last two groups as a dotted quad. There are no zones (`fe80::1%eth0`), brackets, or
  /// prefix lengths.
  /// - Throws: `AddressError` of kind `.ipv6Address` for any other text.
  public init(parsing text: String) throws(AddressError) {
    guard let value = Self.rawValue(ofText: text.utf8Span.span) else { throw AddressError(.ipv6Address, text) }
    self.init(rawValue: value)
  }

  /// The one form that RFC 5952 recommends: lower case, no leading zeros, `::` for the longest run of two or more
  /// groups of zeros (the first of equals), and `::ffff:a.b.c.d` for IPv4-mapped addresses.
  public var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(39)
    if let mapped = mappedIPv4Address {
      text.append(contentsOf: "::ffff:".utf8)
      mapped.appendText(to: &text)
    } else {
      appendGroups(to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

// MARK: - Printing

extension IPv6Address {
  /// The group at `index`, 0 for the first written.
  private func group(_ index: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: rawValue >> (16 * (7 - index)))
  }

  private func appendGroups(to text: inout [UInt8]) {
    let zeros = longestRunOfZeroGroups
    var index = 0
    while index < 8 {
      if index == zeros.lowerBound, !zeros.isEmpty {
        text.append(ASCIIText.colon)
        text.append(ASCIIText.colon)
        index = zeros.upperBound
        continue
      }
      if index > 0, index != zeros.upperBound || zeros.isEmpty { text.append(ASCIIText.colon) }
      Self.appendHex(group(index), to: &text)
      index += 1
    }
  }

  /// The groups that `::` stands for; empty if no two neighbours are zero.
  private var longestRunOfZeroGroups: Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0..<8 {
      if group(index) != 0 {
        start = index + 1
      } else if index - start + 1 > max(longest.count, 1) {
        longest = start..<index + 1
      }
    }
    return longest
  }

  private static func appendHex(_ group: UInt16, to text: inout [UInt8]) {
    var shift = 12
    while shift > 0, group >> shift == 0 { shift -= 4 }
    while shift >= 0 {
      text.append(ASCIIText.hexCharacter(UInt8(truncatingIfNeeded: group >> shift)))
      shift -= 4
    }
  }
}

// MARK: - Parsing

extension IPv6Address {
  private static func rawValue(ofText text: Span<UInt8>) -> UInt128? {
    let end = text.count
    var value: UInt128 = 0  // the groups read so far, those left out by "::" not yet inserted
    var count = 0  // how many those are
    var gap: Int?  // how many of them come before "::"
    var index = 0

    if end >= 2, text[0] == ASCIIText.colon, text[1] == ASCIIText.colon {
      gap = 0
      index = 2
      if index == end { return 0 }
    }
    while true {  // a group has to follow; too many shift the first ones out, but the count below tells
      let start = index
      var group: UInt16 = 0
      while index < end, let digit = ASCIIText.hexDigit(text[index]) {
        guard index - start < 4 else { return nil }
        group = group << 4 | UInt16(digit)
        index += 1
      }
      if index < end, text[index] == ASCIIText.dot {
        guard let ipv4 = IPv4Address.rawValue(ofText: text.extracting(start..<end)) else { return nil }
        value = value << 32 | UInt128(ipv4)
        count += 2
        break
      }
      guard index > start else { return nil }
      value = value << 16 | UInt128(group)
      count += 1

      if index == end { break }
      guard text[index] == ASCIIText.colon else { return nil }
      index += 1
      if index < end, text[index] == ASCIIText.colon {
        guard gap == nil else { return nil }
        gap = count
        index += 1
        if index == end { break }
      }
    }

    guard let gap else { return count == 8 ? value : nil }
    guard count < 8 else { return nil }
    let lowBits = 16 * (count - gap)
    let high = value >> lowBits
    let low = value & ((1 << lowBits) - 1)
    return (high << (128 - 16 * gap)) | low
  }
}
