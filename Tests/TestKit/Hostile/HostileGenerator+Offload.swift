import NetTypes

extension HostileGenerator {
  /// Has the host write two bytes where it should not, cut the frame into segments, or believe its checksum.
  mutating func offload(_ frame: HostileFrame) -> HostileFrame {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<60: return rewritten(frame)
    case 60..<85: return segmented(frame)
    case 85..<92:
      note("said to be valid")
      var frame = frame
      frame.header.flags = VirtioNetHeader.dataValid
      return frame
    default:
      note("any header")
      var frame = frame
      frame.header.flags = number(0, 1, 2, 3, 7)
      frame.header.segmentation = number(0, 1, 3, 4, 5, 0x80, 0x81)
      frame.header.headerLength = number(0, 14, 54, 0xffff)
      frame.header.segmentSize = number(0, 1, 8, 1448, 0xffff)
      frame.header.checksumStart = number(0, 14, 34, 54, 0xffff)
      frame.header.checksumOffset = number(0, 6, 16, 0xffff)
      return frame
    }
  }

  /// Has a partial checksum come out as a chosen value at a chosen place.
  private mutating func rewritten(_ frame: HostileFrame) -> HostileFrame {
    let places = self.places(frame.bytes).filter { $0.0 + 4 <= frame.bytes.count }
    guard !places.isEmpty, frame.bytes.count >= 60 else { return frame }
    let (place, values) = one(of: places)
    var frame = frame
    let start = max(20, place - one(of: [0, 0, 0, 2, 4, 6, 8, 12, 14, 16]))
    let value = one(of: values)
    // A datagram without a checksum of its own is taken as it is.
    let transport = frame.bytes[12] == 8 ? 34 : 54
    let isUDP = frame.bytes[transport == 34 ? 23 : 20] == IPProtocol.udp.rawValue
    if isUDP, frame.bytes.count > transport + 8, place != transport + 6, chance(70) {
      frame.bytes.put(bigEndian: 0, at: transport + 6)
    }
    frame.header = VirtioNetHeader(checksumFrom: start, at: place)
    frame.bytes.append(contentsOf: [0, 0])
    // Room at the end, on an even distance from the start.
    if (frame.bytes.count - start) % 2 != 0 { frame.bytes.append(0) }
    let sum = UInt32(~InternetChecksum.of(Array(frame.bytes[start...])))
    let wanted = UInt32(~value)
    var padding = wanted + 0xffff - sum
    padding = padding & 0xffff + padding >> 16
    frame.bytes.put(bigEndian: UInt16(truncatingIfNeeded: padding), at: frame.bytes.count - 2)
    note("\(value.hexadecimal) written at \(place), summed from \(start)")
    if chance(10) { frame.header.flags |= VirtioNetHeader.dataValid }
    return frame
  }

  /// Where in a frame something matters, and what may be written there.
  private func places(_ bytes: [UInt8]) -> [(Int, [UInt16])] {
    guard bytes.count >= 42 else { return [] }
    let ports = [UInt16(22), 514, 7, 53, 67, 68, 546, 547] + world.publishedPorts
    func words(_ start: Int, _ parties: [[UInt8]]) -> [(Int, [UInt16])] {
      guard let length = parties.first?.count else { return [] }
      return stride(from: 0, to: length, by: 2).map { offset in
        (start + offset, parties.map { UInt16($0[offset]) << 8 | UInt16($0[offset + 1]) })
      }
    }
    let parties = [world.neighbor, world.gateway, world.stranger, world.host, world.server]
    switch (bytes[12], bytes[13]) {
    case (8, 0):
      let addresses = parties.map(\.address.bytes) + [[169, 254, 169, 254], [127, 0, 0, 1], [255, 255, 255, 255]]
      let words = words(26, addresses) + words(30, addresses)
      return words + [(22, [0x4001, 0x4011, 0x4006, 0x0111]), (20, [0, 0x2000, 1]), (24, [0])]
        + [(34, ports), (36, ports), (36, ports), (36, ports), (34, [0x0500, 0x0304]), (38, [8, 60]), (40, [0])]
    case (8, 6):
      return words(22, parties.map(\.mac.octets)) + words(28, parties.map(\.address.bytes))
        + [(20, [1, 2]), (20, [2])] + words(32, parties.map(\.mac.octets)) + words(38, parties.map(\.address.bytes))
    case (0x86, 0xdd):
      let addresses = parties.compactMap(\.address6?.bytes) + [(world.neighbor.linkLocal).bytes]
      let metadata: [UInt8] = [0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54]
      return words(22, addresses) + words(38, addresses + [metadata])
        + [(54, [0x8600, 0x8800, 0x8900] + ports), (56, ports), (56, ports), (20, [0x3aff, 0x11ff])]
        + words(62, addresses) + words(80, parties.map(\.mac.octets))
    default: return [(20, [0x0800]), (34, ports), (36, ports)]
    }
  }

  /// A long one, to be cut into segments of odd sizes.
  private mutating func segmented(_ frame: HostileFrame) -> HostileFrame {
    var frame = frame
    guard frame.bytes.count >= 60 else { return frame }
    let isIPv4 = (frame.bytes[12], frame.bytes[13]) == (8, 0)
    let segmentSize: UInt16 = one(of: [1, 8, 64, 500, 1_448, 1_472, 9_000])
    // As many segments as no queue on the way is too short for.
    let extra = segmentSize < 64 ? 160 : one(of: [100, 1_000, 3_000, 8_000])
    frame.bytes += (0..<extra / 8).flatMap { _ in mark.bytes }
    let start = isIPv4 ? 34 : 54
    let length = frame.bytes.count - 14
    if isIPv4 {
      frame.bytes.put(bigEndian: UInt16(length), at: 16)
      frame.bytes.put(bigEndian: 0, at: 24)
      frame.bytes.put(bigEndian: InternetChecksum.of(Array(frame.bytes[14..<34])), at: 24)
    } else {
      frame.bytes.put(bigEndian: UInt16(length - 40), at: 18)
    }
    let protocolNumber = frame.bytes[isIPv4 ? 23 : 20]
    if protocolNumber == 17 { frame.bytes.put(bigEndian: UInt16(frame.bytes.count - start), at: start + 4) }
    let kind: UInt8 =
      chance(75)
      ? (protocolNumber == 6 ? (isIPv4 ? 1 : 4) : one(of: [5, 3])) : one(of: [1, 3, 4, 5, 0x81])
    let place = start + (protocolNumber == 6 ? 16 : 6)
    frame.header = VirtioNetHeader(checksumFrom: start, at: place)
    if chance(30) { frame.header.checksumStart = number(20, 26, 30, 34, 36, 54) }
    if chance(30) { frame.header.checksumOffset = number(0, 2, 6, 16) }
    frame.header.segmentation = kind
    frame.header.segmentSize = segmentSize
    frame.header.headerLength = number(UInt16(place + 4), 54, 0)
    note("in segments of \(frame.header.segmentSize), kind \(kind)")
    return frame
  }
}

extension UInt16 {
  fileprivate var hexadecimal: String { "0x" + String(self, radix: 16) }
}
